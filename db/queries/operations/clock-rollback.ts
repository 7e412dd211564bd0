import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

/** After the clock was set back: repairs times that now lie in the future, of all tenants. */

/**
 * Sets the request, start and heartbeat of open runs to now, and shortens their waits by the same time, so that a wait
 * for the provider lasts as long as it had left. Returns how many runs it changed.
 * @param latest a time later than this cannot be genuine
 */
export async function moveOpenRunsBack(db: Db, now: Date, latest: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const bound = sql`${latest.toISOString()}::timestamptz`;
  const rows = await queryRows(
    db,
    sql`update rmm_sync_runs set
          waiting_until = waiting_until - (greatest(heartbeat_at, requested_at) - ${at}),
          requested_at = least(requested_at, ${at}), started_at = least(started_at, ${at}),
          heartbeat_at = least(heartbeat_at, ${at})
        where status in ('queued', 'running') and (heartbeat_at > ${bound} or requested_at > ${bound})
        returning 1`,
  );
  return rows.length;
}

/**
 * Makes pending deliveries or notifications due now, if they were never tried, or wait longer than any wait between two
 * attempts. Returns how many.
 * @param times `latest`: a due time later than this cannot be genuine; `latestRetry`: the same for a retry
 */
export async function movePendingBack(
  db: Db,
  table: "outgoing_deliveries" | "notifications",
  now: Date,
  { latest, latestRetry }: { latest: Date; latestRetry: Date },
): Promise<number> {
  const rows = await queryRows(
    db,
    sql`update ${sql.raw(table)} set next_attempt_at = ${now.toISOString()}::timestamptz
        where status = 'pending' and next_attempt_at > ${latest.toISOString()}::timestamptz
          and (attempts = 0 or next_attempt_at > ${latestRetry.toISOString()}::timestamptz)
        returning 1`,
  );
  return rows.length;
}

/** Ends cooldowns of receivers that would last longer than any cooldown does. Returns how many. */
export async function rollBackCooldowns(db: Db, now: Date, latestRest: Date): Promise<number> {
  const rows = await queryRows(
    db,
    sql`update outgoing_subscriptions set rests_until = ${now.toISOString()}::timestamptz
        where rests_until > ${latestRest.toISOString()}::timestamptz
        returning 1`,
  );
  return rows.length;
}

/**
 * Lets gone assets and their devices count as gone since now, so that they are retired after their grace period.
 * Returns how many assets.
 */
export async function moveGoneBack(db: Db, now: Date, latest: Date): Promise<number> {
  const at = sql`${now.toISOString()}::timestamptz`;
  const bound = sql`${latest.toISOString()}::timestamptz`;
  const rows = await queryRows(
    db,
    sql`with moved as (
          update assets set gone_at = ${at} where status = 'gone' and gone_at > ${bound} returning tenant_id, id
        ), devices as (
          update tenant_external_entity_mappings m set gone_at = ${at} from moved
          where m.tenant_id = moved.tenant_id and m.asset_id = moved.id and m.gone_at > ${bound}
        )
        select 1 from moved`,
  );
  return rows.length;
}
