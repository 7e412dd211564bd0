import { sql } from "drizzle-orm";

import { assetFindings, type AssetFinding } from "@domain/asset-findings";

import { queryRows, type TenantDb } from "../../client";
import type { AlertSeverity } from "../../schema";
import { assetPlatforms, isPlatform, type AssetPlatform } from "../assets/asset-filter";

/** For how many days an asset may not have been seen, as the lists offer it. */
const unseenDays = [7, 30, 90] as const;
type UnseenDays = (typeof unseenDays)[number];

export interface FleetCondition {
  platforms: Record<AssetPlatform, number>;
  findings: Record<AssetFinding, number>;
  unseen: Record<UnseenDays, number>;
}

/** What the current assets run, what is wrong with them, and how many have not been seen for long; one statement. */
export async function countCondition(tx: TenantDb, tenantId: string): Promise<FleetCondition> {
  const counted = <Key extends string | number>(
    keys: readonly Key[],
    fits: (key: Key) => ReturnType<typeof sql>,
  ) =>
    sql`jsonb_build_object(${sql.join(
      keys.flatMap((key) => [sql`${String(key)}::text`, sql`count(*) filter (where ${fits(key)})`]),
      sql`, `,
    )})`;
  const [row] = await queryRows<FleetCondition>(
    tx,
    sql`
      select ${counted(assetPlatforms, (platform) => isPlatform(platform, sql`d.os_type`))} as platforms,
        ${counted(assetFindings, (finding) => sql`d.findings @> array[${finding}]`)} as findings,
        ${counted(
          unseenDays,
          (days) => sql`m.asset_id is not null and not coalesce(m.online, false)
          and coalesce(m.seen_at <= now() - make_interval(days => ${days}::int), true)`,
        )} as unseen
      from assets a
      left join asset_details d on d.asset_id = a.id
      left join (
        select asset_id, bool_or(agent_status = 'online' and gone_at is null) as online,
          max(last_seen_at) filter (where gone_at is null) as seen_at
        from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and asset_id is not null
        group by asset_id
      ) m on m.asset_id = a.id
      where a.tenant_id = ${tenantId} and a.status = 'active'`,
  );
  return row!;
}

/** How many alerts are active, by severity; one statement. */
export async function countAlertsBySeverity(
  tx: TenantDb,
  tenantId: string,
): Promise<Partial<Record<AlertSeverity, number>>> {
  const rows = await queryRows<{ severity: AlertSeverity; n: number }>(
    tx,
    sql`select severity, count(*)::int as n from rmm_alerts
        where tenant_id = ${tenantId} and status = 'active' group by severity`,
  );
  return Object.fromEntries(rows.map(({ severity, n }) => [severity, n]));
}
