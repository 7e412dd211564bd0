import { sql } from "drizzle-orm";

import type { Actor } from "@domain/actor";

import { queryRows, type Db, type TenantDb } from "../../client";

/**
 * Requests that the product resolve an incident's active alerts in the RMM.
 * @returns false if somebody had already requested it
 */
export async function requestResolution(
  tx: TenantDb,
  tenantId: string,
  { incidentId, actor }: { incidentId: string; actor: Actor },
  now: Date,
): Promise<boolean> {
  const at = now.toISOString();
  const rows = await queryRows(
    tx,
    sql`insert into incident_resolutions (incident_id, tenant_id, actor_user_id, actor, requested_at, next_attempt_at)
        select i.id, ${tenantId}, ${actor.userId}::uuid, ${actor.name}, ${at}, ${at}
        from incidents i where i.tenant_id = ${tenantId} and i.id = ${incidentId}
        on conflict (incident_id) do nothing returning incident_id`,
  );
  return rows.length > 0;
}

export interface ClaimedResolution {
  id: string;
  tenantId: string;
  actorUserId: string | null;
  actor: string;
  attempts: number;
}

/** Claims due resolutions of all tenants until `until`, at most `limit`, and counts the attempt. */
export const claimResolutions = (
  db: Db,
  now: Date,
  until: Date,
  limit: number,
): Promise<ClaimedResolution[]> =>
  queryRows<ClaimedResolution>(
    db,
    sql`with due as (
          select incident_id from incident_resolutions where next_attempt_at <= ${now.toISOString()}
          order by next_attempt_at limit ${limit} for update skip locked
        )
        update incident_resolutions r set attempts = r.attempts + 1, next_attempt_at = ${until.toISOString()}
        from due where r.incident_id = due.incident_id
        returning r.incident_id as id, r.tenant_id as "tenantId", r.actor_user_id as "actorUserId", r.actor, r.attempts`,
  );

/** The active alerts of an incident, or of the incidents of a storm; longest active first, at most `limit`. */
export async function listAlertsToResolve(
  tx: TenantDb,
  tenantId: string,
  incidentId: string,
  limit: number,
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select a.id from rmm_alerts a join incidents i on i.id = a.incident_id
        where a.tenant_id = ${tenantId} and a.status = 'active' and (i.id = ${incidentId} or i.storm_id = ${incidentId})
        order by a.started_at, a.id limit ${limit}`,
  );
  return rows.map(({ id }) => id);
}

/** Completes a resolution, or postpones it. Does nothing if another claim has taken it over. */
export async function recordResolution(
  tx: TenantDb,
  { id, tenantId, attempts }: ClaimedResolution,
  outcome: { state: "done" } | { state: "later"; at: Date; error: string | null },
): Promise<void> {
  const isOurs = sql`tenant_id = ${tenantId} and incident_id = ${id} and attempts = ${attempts}`;
  await (outcome.state === "done"
    ? tx.execute(sql`delete from incident_resolutions where ${isOurs}`)
    : tx.execute(sql`
        update incident_resolutions set next_attempt_at = ${outcome.at.toISOString()}, last_error = ${outcome.error}
        where ${isOurs}`));
}

/** Who asked to resolve an incident in the RMM, and the last error; null if nobody did, or it is done. */
export async function getResolution(
  tx: TenantDb,
  tenantId: string,
  incidentId: string,
): Promise<{ actor: string; lastError: string | null } | null> {
  const [row] = await queryRows<{ actor: string; lastError: string | null }>(
    tx,
    sql`select actor, last_error as "lastError" from incident_resolutions
        where tenant_id = ${tenantId} and incident_id = ${incidentId}`,
  );
  return row ?? null;
}
