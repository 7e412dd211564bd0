import { sql, type SQL } from "drizzle-orm";

import { assetFindings, type AssetFinding } from "@domain/asset-findings";

import { queryRows, type TenantDb } from "../../client";
import { assetTypes, type AlertSeverity, type AssetType } from "../../schema";
import { alertTimes, isFrom, type AlertTime } from "../alerts/alert-inbox";
import { assetPlatforms, type AssetPlatform } from "../assets/asset-filter";

/** For how many days an asset may not have been seen, as the lists offer it. */
const unseenDays = [7, 30, 90] as const;
type UnseenDays = (typeof unseenDays)[number];

/** For how many days, at least, an update has been pending, as the list of assets offers it. */
const pendingDays = [7, 30, 90] as const;
type PendingDays = (typeof pendingDays)[number];

export interface FleetCondition {
  types: Record<AssetType, { online: number; offline: number }>;
  platforms: Record<AssetPlatform, number>;
  findings: Record<AssetFinding, number>;
  unseen: Record<UnseenDays, number>;
  /** Assets with an update that has been pending for so many days, or longer. */
  pending: Record<PendingDays, number>;
}

/** A JSON object with the count of the rows that fit each key. */
const counted = <Key extends string | number>(keys: readonly Key[], fits: (key: Key) => SQL): SQL =>
  sql`jsonb_build_object(${sql.join(
    keys.flatMap((key) => [sql`${String(key)}::text`, sql`count(*) filter (where ${fits(key)})`]),
    sql`, `,
  )})`;

/**
 * What the current assets are and run, what is wrong with them, how many have not been seen for long, and for how long
 * updates have been pending; one statement over one small table.
 */
export async function countCondition(tx: TenantDb, tenantId: string): Promise<FleetCondition> {
  const isOnline = sql`l.agent_status is not distinct from 'online'`;
  const ofType = (type: AssetType) => sql`jsonb_build_object(
    'online', count(*) filter (where l.asset_type = ${type} and ${isOnline}),
    'offline', count(*) filter (where l.asset_type = ${type} and not (${isOnline})))`;
  const isPendingFor = (days: PendingDays) =>
    sql`l.pending_patches > 0 and l.pending_since <= now() - make_interval(days => ${days}::int)`;
  const [row] = await queryRows<FleetCondition>(
    tx,
    sql`
      select jsonb_build_object(${sql.join(
        assetTypes.flatMap((type) => [sql`${type}::text`, ofType(type)]),
        sql`, `,
      )}) as types,
        ${counted(assetPlatforms, (platform) => sql`l.platform = ${platform}`)} as platforms,
        ${counted(assetFindings, (finding) => sql`l.findings @> array[${finding}]`)} as findings,
        ${counted(
          unseenDays,
          (days) => sql`l.has_device and not (${isOnline})
          and coalesce(l.last_seen_at <= now() - make_interval(days => ${days}::int), true)`,
        )} as unseen,
        ${counted(pendingDays, isPendingFor)} as pending
      from asset_list l
      where l.tenant_id = ${tenantId} and l.status = 'active'`,
  );
  return row!;
}

export interface WorstPatched {
  id: string;
  name: string;
  client: string | null;
  patches: number;
  /** ISO instant; null where it is not known. */
  pendingSince: string | null;
}

/** The assets whose updates have been pending for longest; one statement. */
export const listWorstPatched = (tx: TenantDb, tenantId: string, limit: number): Promise<WorstPatched[]> =>
  queryRows<WorstPatched>(
    tx,
    sql`
      with worst as (
        select l.asset_id, l.client_id, l.pending_patches, l.pending_since from asset_list l
        where l.tenant_id = ${tenantId} and l.status = 'active' and l.pending_patches > 0
        order by l.pending_since nulls last, l.pending_patches desc, l.asset_id limit ${limit}
      )
      select a.id, a.name, c.name as client, w.pending_patches as patches,
        to_char(w.pending_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "pendingSince"
      from worst w join assets a on a.id = w.asset_id left join clients c on c.id = w.client_id
      order by w.pending_since nulls last, w.pending_patches desc, a.id`,
  );

export interface AlertCounts {
  severities: Partial<Record<AlertSeverity, number>>;
  /** By when they began; a longer time includes the shorter ones. */
  times: Record<Exclude<AlertTime, "">, number>;
}

/** How many alerts are active, by severity and by age; one statement. */
export async function countAlertsByAge(tx: TenantDb, tenantId: string, now: Date): Promise<AlertCounts> {
  const times = alertTimes.filter((time) => time !== "");
  const rows = await queryRows<{ severity: AlertSeverity; alerts: number; times: AlertCounts["times"] }>(
    tx,
    sql`select severity, count(*)::int as alerts, ${counted(times, (time) => isFrom(time, now))} as times
        from rmm_alerts where tenant_id = ${tenantId} and status = 'active' group by severity`,
  );
  return {
    severities: Object.fromEntries(rows.map(({ severity, alerts }) => [severity, alerts])),
    times: Object.fromEntries(
      times.map((time) => [time, rows.reduce((sum, row) => sum + row.times[time], 0)]),
    ) as AlertCounts["times"],
  };
}
