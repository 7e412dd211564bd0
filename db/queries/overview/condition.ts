import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { AlertSeverity } from "../../schema";
import { alertTimes, isFrom, type AlertTime } from "../alerts/alert-inbox";

/** A JSON object with the number of rows that match each key. */
const counted = <Key extends string | number>(keys: readonly Key[], fits: (key: Key) => SQL): SQL =>
  sql`jsonb_build_object(${sql.join(
    keys.flatMap((key) => [sql`${String(key)}::text`, sql`count(*) filter (where ${fits(key)})`]),
    sql`, `,
  )})`;

export interface WorstPatched {
  id: string;
  name: string;
  client: string | null;
  patches: number;
  /** An ISO 8601 instant; null if unknown. */
  pendingSince: string | null;
}

/** The assets whose updates have been pending for longest, at most `limit`. One statement, which an index answers. */
export function listWorstPatched(tx: TenantDb, tenantId: string, limit: number): Promise<WorstPatched[]> {
  const waiting = (since: SQL) => sql`
    select l.asset_id, l.client_id, l.pending_patches, l.pending_since from asset_list l
    where l.tenant_id = ${tenantId} and l.status = 'active' and l.pending_patches > 0 and l.pending_since ${since}
    order by l.pending_since, l.pending_patches desc, l.asset_id limit ${limit}::int`;
  // Assets of unknown age come last. The query reads them only if the others are fewer than `limit`.
  return queryRows<WorstPatched>(
    tx,
    sql`
      with worst as (
        (${waiting(sql`is not null`)}) union all (${waiting(sql`is null`)}) limit ${limit}
      )
      select a.id, a.name, c.name as client, w.pending_patches as patches,
        to_char(w.pending_since at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as "pendingSince"
      from worst w join assets a on a.id = w.asset_id left join clients c on c.id = w.client_id
      order by w.pending_since nulls last, w.pending_patches desc, a.id`,
  );
}

export interface AlertCounts {
  severities: Partial<Record<AlertSeverity, number>>;
  /** By the time since they began. A longer time includes the shorter ones. */
  times: Record<Exclude<AlertTime, "">, number>;
}

/** The number of active alerts by severity and by age; one statement. */
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
