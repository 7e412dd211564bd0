import { sql } from "drizzle-orm";

import { queryRows, type Db } from "@db/client";
import { alertSeverities } from "@domain/alert-words";

/** Addresses of the incident inbox: each state, each filter, and searches with and without matches. */
export const inboxAddresses = (clientId: string, assetId: string): string[] => [
  "",
  ...["open", "acknowledged", "snoozed", "resolved", "all"].map((state) => `state=${state}`),
  ...alertSeverities.map((severity) => `severity=${severity}`),
  "severity=none&state=all",
  `client=${clientId}`,
  `client=${clientId}&state=all`,
  "client=none",
  "client=none&state=all",
  "owner=me",
  "owner=none",
  `asset=${assetId}&state=all`,
  "q=condition 7",
  "q=nothing like it",
  "q=nothing like it&state=all",
  "q=host-77&state=all",
];

/**
 * Fills an inbox as after years of use; a tenth of the incidents is open.
 * @returns an asset with alerts
 */
export async function seedInbox(
  db: Db,
  tenantId: string,
  { alerts, incidents }: { alerts: number; incidents: number },
): Promise<string> {
  const each = Math.ceil(alerts / incidents);
  const placed = sql`(select row_number() over (order by id) - 1 as place, id, client_id, name from assets
    where tenant_id = ${tenantId})`;
  const of = sql`(n * 7919) % (select count(*) from assets where tenant_id = ${tenantId})`;
  const connection = sql`(select id from rmm_integrations where tenant_id = ${tenantId} limit 1)`;
  await db.execute(sql`
    insert into incidents (id, tenant_id, integration_id, client_id, name, state, severity, severity_rank, opened_at,
      last_alert_at, quiet_since, resolved_at, alert_count, active_count, device_count, device)
    select md5('incident' || n)::uuid, ${tenantId}, ${connection}, a.client_id, 'Condition ' || n % 400,
      case when n % 10 > 0 then 'resolved' when n % 50 = 0 then 'acknowledged' when n % 70 = 0 then 'snoozed' else 'open' end,
      (array['critical', 'major', 'moderate', 'minor', 'none'])[1 + n / 10 % 5], n / 10 % 5,
      now() - n * interval '8 minutes', now() - n * interval '8 minutes',
      case when n % 10 > 0 then now() - n * interval '7 minutes' end,
      case when n % 10 > 0 then now() - n * interval '7 minutes' end,
      ${each}, case when n % 10 > 0 then 0 else ${each} end, 1, a.name
    from generate_series(1, ${incidents}::int) n join ${placed} a on a.place = ${of}`);
  await db.execute(sql`
    insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, asset_id, device_hostname, name, severity,
      status, started_at, content_hash, observed_at, observed_via, incident_id, grouping_due)
    select gen_random_uuid(), ${tenantId}, ${connection}, 'bench-' || n || '-' || k, a.id, 'host-' || n % 5000,
      'Condition ' || n % 400, (array['critical', 'major', 'moderate', 'minor', 'none'])[1 + n / 10 % 5],
      case when n % 10 > 0 then 'resolved' else 'active' end, now() - n * interval '8 minutes', '', now(), 'sweep',
      md5('incident' || n)::uuid, 0
    from generate_series(1, ${incidents}::int) n cross join generate_series(1, ${each}::int) k
    join ${placed} a on a.place = ${of}`);
  const [asset] = await queryRows<{ id: string }>(
    db,
    sql`select asset_id as id from rmm_alerts where tenant_id = ${tenantId} and asset_id is not null limit 1`,
  );
  await db.execute(sql`analyze incidents`);
  await db.execute(sql`analyze rmm_alerts`);
  return asset!.id;
}
