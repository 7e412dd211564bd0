import { sql } from "drizzle-orm";

import { assetFindings, type AssetFinding } from "@domain/asset-findings";

import { queryRows, type TenantDb } from "../../client";
import { alertSeverities, type AlertSeverity } from "../../schema";
import { hasFinding } from "../assets/asset-filter";
import { textArray } from "../shared/arrays";

interface ClientAlert {
  id: string;
  name: string;
  severity: AlertSeverity;
  asset: string | null;
  startedAt: string;
}

export interface ClientAttention {
  findings: Record<AssetFinding, number>;
  /** Assets whose oldest pending update is at least 30 days old. */
  overdue: number;
  /** Assets that no RMM knows, and that nobody marked as needing no agent. */
  withoutAgent: number;
  /** Changes to the client's assets that are pending review. */
  pendingReview: number;
  /** Listed devices of the client's groups that have no asset. */
  devicesWithoutAsset: number;
  /** The active alerts of the client's assets, most severe and latest first, up to the requested number. */
  alerts: ClientAlert[];
}

/** What needs somebody's attention at a client; one statement. */
export async function readClientAttention(
  tx: TenantDb,
  tenantId: string,
  clientId: string,
  shownAlerts: number,
  now: Date,
): Promise<ClientAttention> {
  const findings = sql.join(
    assetFindings.flatMap((finding) => [
      sql`${finding}::text`,
      sql`(count(*) filter (where ${hasFinding(finding)}))::int`,
    ]),
    sql`, `,
  );
  const [row] = await queryRows<ClientAttention>(
    tx,
    sql`
      select jsonb_build_object(${findings}) as findings,
        (count(*) filter (
          where l.pending_since <= ${now.toISOString()}::timestamptz - interval '30 days'))::int as overdue,
        (count(*) filter (where not l.has_device and not l.needs_no_agent))::int as "withoutAgent",
        (select count(*)::int from rmm_held_changes h join assets a on a.id = h.asset_id
         where h.tenant_id = ${tenantId} and h.state = 'held' and a.client_id = ${clientId}) as "pendingReview",
        (select count(*)::int from rmm_organization_mappings g
         join tenant_external_entity_mappings m on m.tenant_id = g.tenant_id
           and m.integration_id = g.integration_id and m.external_group_id = g.external_id
         where g.tenant_id = ${tenantId} and g.client_id = ${clientId} and g.state = 'mapped'
           and m.external_type = 'device' and m.gone_at is null and m.asset_id is null) as "devicesWithoutAsset",
        coalesce((select json_agg(shown) from (
          select r.id, r.name, r.severity, a.name as asset, coalesce(r.started_at, r.observed_at) as "startedAt"
          from rmm_alerts r join assets a on a.id = r.asset_id
          where r.tenant_id = ${tenantId} and r.status = 'active' and a.client_id = ${clientId}
          order by array_position(${textArray([...alertSeverities])}, r.severity),
            coalesce(r.started_at, r.observed_at) desc, r.id desc
          limit ${shownAlerts}) shown), '[]') as alerts
      from asset_list l
      where l.tenant_id = ${tenantId} and l.client_id = ${clientId} and l.status = 'active'`,
  );
  return row!;
}
