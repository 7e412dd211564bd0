import { sql } from "drizzle-orm";

import { queryRows, type Db } from "../../client";

/** Repairs times in the future that a clock left before it was set back, over all tenants. */

/**
 * Open runs: they count as asked for, and as showing a sign of life, now. A wait that the provider asked for lasts as
 * long as it still had to.
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
 * What is to be sent: due now where it has not been tried, and where it waits longer than any wait between two
 * attempts.
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

/** Receivers that rest for longer than any rest: they are tried now. */
export async function rollBackCooldowns(db: Db, now: Date, latestRest: Date): Promise<number> {
  const rows = await queryRows(
    db,
    sql`update outgoing_subscriptions set rests_until = ${now.toISOString()}::timestamptz
        where rests_until > ${latestRest.toISOString()}::timestamptz
        returning 1`,
  );
  return rows.length;
}

/** Gone assets, with their devices: gone since now, so that they are retired in their time. */
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
