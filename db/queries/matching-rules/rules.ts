import { and, desc, eq, lte, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { DEFAULT_PRIORITY, readStoredRules, type MatchingRules } from "@domain/matching-rules";
import type { ConnectionRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { connectionMatchingRules } from "../../schema";

/** A version of a connection's matching rules. Version 0 means the defaults, which nobody has changed. */
export interface RulesVersion {
  version: number;
  rules: MatchingRules;
}

const of = ({ tenantId, connectionId }: ConnectionRef) =>
  and(eq(connectionMatchingRules.tenantId, tenantId), eq(connectionMatchingRules.connectionId, connectionId));

/** The rules that were valid at an instant, or the latest without one. One statement. */
export async function readMatchingRules(
  tx: TenantDb,
  ref: ConnectionRef,
  asOf?: Date,
): Promise<RulesVersion> {
  const [row] = await tx
    .select({ version: connectionMatchingRules.version, rules: connectionMatchingRules.rules })
    .from(connectionMatchingRules)
    .where(and(of(ref), asOf === undefined ? undefined : lte(connectionMatchingRules.createdAt, asOf)))
    .orderBy(desc(connectionMatchingRules.version))
    .limit(1);
  return { version: row?.version ?? 0, rules: readStoredRules(row?.rules) };
}

/** The versions of the rules, with who made them and when; latest first, at most `limit`. */
export const listRulesVersions = (
  tx: TenantDb,
  ref: ConnectionRef,
  limit: number,
): Promise<{ version: number; actor: string; createdAt: Date }[]> =>
  tx
    .select({
      version: connectionMatchingRules.version,
      actor: connectionMatchingRules.actor,
      createdAt: connectionMatchingRules.createdAt,
    })
    .from(connectionMatchingRules)
    .where(of(ref))
    .orderBy(desc(connectionMatchingRules.version))
    .limit(limit);

/** Adds a version. Lock the connection first. */
export async function insertMatchingRules(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  { version, rules, actor, createdAt }: RulesVersion & { actor: string; createdAt: Date },
): Promise<void> {
  await tx
    .insert(connectionMatchingRules)
    .values({ id: uuidv7(), tenantId, connectionId, version, rules, actor, createdAt });
}

/**
 * The ids of the tenant's other connections that rank above this one by the rules valid at an instant; one statement.
 */
export async function listOutranking(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  { priority }: MatchingRules,
  asOf: Date,
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select i.id from rmm_integrations i
        left join lateral (
          select (m.rules ->> 'priority')::int as priority from matching_rules m
          where m.tenant_id = ${tenantId} and m.integration_id = i.id and m.created_at <= ${asOf.toISOString()}
          order by m.version desc limit 1) r on true
        where i.tenant_id = ${tenantId} and i.id <> ${connectionId} and i.status <> 'disconnected'
          and coalesce(r.priority, ${DEFAULT_PRIORITY}) < ${priority}`,
  );
  return rows.map(({ id }) => id);
}
