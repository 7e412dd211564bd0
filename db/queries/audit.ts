import { and, desc, eq, gte, ilike, lt, or, sql } from "drizzle-orm";

import type { Db, TenantDb } from "../client";
import { auditLog } from "../schema";

/** One thing that somebody did. Written in the transaction that did it. */
export interface AuditEntry {
  tenantId: string;
  actorUserId?: string | null;
  /** A name that outlives the user: an e-mail, `cli`, `schedule`. */
  actor: string;
  /** `<thing>.<past participle>`, such as `client.renamed`. */
  action: string;
  targetType?: string | null;
  targetId?: string | null;
  /** What changed. Never a secret. */
  details?: Record<string, unknown>;
  ip?: string | null;
}

export async function recordAudit(db: Db, ...entries: AuditEntry[]): Promise<void> {
  if (entries.length > 0) await db.insert(auditLog).values(entries);
}

export interface AuditFilter {
  /** Part of the actor's name, or of the target. */
  text?: string;
  /** An action, or its thing (`client` finds `client.renamed`). */
  action?: string;
  from?: Date;
  /** Exclusive. */
  to?: Date;
}

/** Newest first, `limit` entries behind the entry `before`. */
export async function listAudit(
  tx: TenantDb,
  tenantId: string,
  filter: AuditFilter,
  page: { before?: string; limit: number },
) {
  const pattern = filter.text === undefined ? undefined : `%${escapeLike(filter.text)}%`;
  return tx
    .select()
    .from(auditLog)
    .where(
      and(
        eq(auditLog.tenantId, tenantId),
        // Ids are UUID v7: they sort by the time of writing.
        page.before === undefined ? undefined : lt(auditLog.id, page.before),
        filter.action === undefined
          ? undefined
          : or(eq(auditLog.action, filter.action), ilike(auditLog.action, `${escapeLike(filter.action)}.%`)),
        filter.from === undefined ? undefined : gte(auditLog.createdAt, filter.from),
        filter.to === undefined ? undefined : lt(auditLog.createdAt, filter.to),
        pattern === undefined
          ? undefined
          : or(
              ilike(auditLog.actor, pattern),
              ilike(sql`coalesce(${auditLog.targetId}, '')`, pattern),
              ilike(sql`${auditLog.details}::text`, pattern),
            ),
      ),
    )
    .orderBy(desc(auditLog.id))
    .limit(page.limit);
}

/** The actions that occur, for the filter. */
export async function listAuditActions(tx: TenantDb, tenantId: string): Promise<string[]> {
  const rows = await tx
    .selectDistinct({ action: auditLog.action })
    .from(auditLog)
    .where(eq(auditLog.tenantId, tenantId))
    .orderBy(auditLog.action);
  return rows.map((row) => row.action);
}

/** Makes text safe inside a LIKE pattern. */
export const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");
