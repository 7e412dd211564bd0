import { and, desc, eq, gte, inArray, lt, or, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import type { Actor } from "@domain/actor";
import type { AuditAction } from "@domain/audit-actions";

import { queryRows, type Db, type TenantDb } from "../../client";
import { auditLog } from "../../schema";
import { contains } from "../shared/search";

/** Something that somebody did. */
export interface AuditEntry {
  /** `<thing>.<past participle>`, such as `client.renamed`. */
  action: AuditAction;
  targetType?: string | null;
  targetId?: string | null;
  /** What changed. Must not contain secrets. */
  details?: Record<string, unknown>;
}

/**
 * Writes entries to the audit log; no other function writes there. Call it in the transaction of the action itself, so
 * that neither exists without the other. One statement for each 5,000 entries.
 */
export async function audit(db: Db, tenantId: string, actor: Actor, ...entries: AuditEntry[]): Promise<void> {
  const by = { tenantId, actorUserId: actor.userId, actor: actor.name, ip: actor.ip };
  for (let at = 0; at < entries.length; at += ENTRIES_A_STATEMENT) {
    const some = entries.slice(at, at + ENTRIES_A_STATEMENT);
    const rows = some.map((entry) => ({ id: uuidv7(), details: {}, ...entry, ...by }));
    await db.execute(sql`
      insert into audit_log (id, tenant_id, actor_user_id, actor, action, target_type, target_id, details, ip)
      select id, "tenantId", "actorUserId", actor, action, "targetType", "targetId", details, ip
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
        id uuid, "tenantId" uuid, "actorUserId" uuid, actor text, action text, "targetType" text, "targetId" text,
        details jsonb, ip text)`);
  }
}

/** A statement's parameters are limited, so entries go as JSON; an account of any size may be moved at once. */
const ENTRIES_A_STATEMENT = 5_000;

export interface AuditFilter {
  /** Part of the actor's name, of the target's id, or of the details. */
  text?: string;
  actions?: string[];
  from?: Date;
  /** The end of the period, exclusive. */
  to?: Date;
}

/** The entries that match, newest first: at most `limit`, after the entry `before`. */
export async function listAudit(
  tx: TenantDb,
  tenantId: string,
  filter: AuditFilter,
  page: { before?: string; limit: number },
) {
  const { text } = filter;
  return tx
    .select()
    .from(auditLog)
    .where(
      and(
        eq(auditLog.tenantId, tenantId),
        // Ids are UUID v7, so they sort by the time of writing.
        page.before === undefined ? undefined : lt(auditLog.id, page.before),
        filter.actions === undefined ? undefined : inArray(auditLog.action, filter.actions),
        filter.from === undefined ? undefined : gte(auditLog.createdAt, filter.from),
        filter.to === undefined ? undefined : lt(auditLog.createdAt, filter.to),
        text === undefined
          ? undefined
          : or(
              contains(auditLog.actor, text),
              contains(sql`coalesce(${auditLog.targetId}, '')`, text),
              contains(sql`${auditLog.details}::text`, text),
            ),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(page.limit);
}

/** The last entry with one of the actions on this target; undefined if there is none. */
export async function findLastAudit(
  tx: TenantDb,
  tenantId: string,
  { actions, targetId }: { actions: string[]; targetId: string },
) {
  const [entry] = await tx
    .select()
    .from(auditLog)
    .where(
      and(
        eq(auditLog.tenantId, tenantId),
        inArray(auditLog.action, actions),
        eq(auditLog.targetId, targetId),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(1);
  return entry;
}

/**
 * The actions that occur in the log, for the filter. Takes one look-up in the index for each, however long the log is.
 */
export async function listAuditActions(tx: TenantDb, tenantId: string): Promise<string[]> {
  const rows = await queryRows<{ action: string }>(
    tx,
    sql`with recursive found as (
          select min(action) as action from audit_log where tenant_id = ${tenantId}
          union all
          select (select min(l.action) from audit_log l where l.tenant_id = ${tenantId} and l.action > f.action)
          from found f where f.action is not null
        )
        select action from found where action is not null`,
  );
  return rows.map((row) => row.action);
}
