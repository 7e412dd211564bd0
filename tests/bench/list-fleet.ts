import { sql } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";
import { refreshPendingPatches } from "@db/queries/device-sync/updates";
import { recountPatchTotals } from "@db/queries/patches/patch-totals";

import { createIntegration, createTenant } from "../support/factories";

export interface FleetSizes {
  assets: number;
  updates: number;
  alerts: number;
  clients: number;
}

/** A company with a large fleet, made in the database by a few statements, with statistics as after a sync. */
export async function seedFleet(db: Db, sizes: FleetSizes): Promise<{ tenantId: string; clientId: string }> {
  const { id: tenantId } = await createTenant(db);
  const { id: connectionId } = await createIntegration(db, { tenantId });
  const at = (n: number, of = "n") => sql.raw(`(${of} % ${n})`);
  const { assets, updates, alerts, clients } = sizes;
  // Ids derived from a number, so that rows can refer to each other without being read.
  const assetId = (n: string) => sql.raw(`('00000000-0000-7000-8000-' || lpad(to_hex(${n}), 12, '0'))::uuid`);
  const clientId = (n: string) =>
    sql.raw(`('00000000-0000-7000-9000-' || lpad(to_hex(${n}), 12, '0'))::uuid`);

  await db.execute(sql`
    insert into clients (id, tenant_id, name)
    select ${clientId("n")}, ${tenantId}, 'Client ' || n from generate_series(1, ${clients}::int) n`);
  // Each client's group has two below it.
  await db.execute(sql`
    insert into rmm_organization_mappings (id, tenant_id, integration_id, external_id, parent_external_id, name, path,
      state, client_id)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'group-' || n || part, case when part <> '' then 'group-' || n end,
      'Client ' || n || part, 'Client ' || n || part, case when part = '' then 'mapped' else 'inherit' end,
      case when part = '' then ${clientId("n")} end
    from generate_series(1, ${clients}::int) n, unnest(array['', ' / Office', ' / Servers']) part`);
  await db.execute(sql`
    insert into assets (id, tenant_id, client_id, asset_type, name, serial_number, mac_keys, status, held_fields)
    select ${assetId("n")}, ${tenantId}, case when n % 50 > 0 then ${clientId(`1 + n % ${clients}`)} end,
      case when n % 8 = 0 then 'server' else 'workstation' end,
      (array['DESKTOP', 'LAPTOP', 'SRV', 'KIOSK'])[1 + ${at(4)}] || '-' || md5(n::text)::varchar(7),
      upper(md5('serial' || n)::varchar(8)), array[md5('mac' || n)::varchar(12)],
      case when n % 40 = 0 then 'gone' when n % 41 = 0 then 'retired' else 'active' end,
      case when n % 30 = 0 then array['name'] else '{}' end
    from generate_series(1, ${assets}::int) n`);
  await db.execute(sql`
    insert into asset_details (asset_id, tenant_id, os_type, os_version, lan_ip, cpu_model, cpu_cores, ram_gb, disks,
      last_logged_in_user, system_info)
    select ${assetId("n")}, ${tenantId}, (array['Windows', 'Windows', 'Windows', 'macOS', 'Linux'])[1 + ${at(5)}],
      (array['10.0.19045', '10.0.22631', '10.0.26100', '14.6', '22.04'])[1 + ${at(5)}],
      '10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256, 'Intel(R) Core(TM) i5-1345U', 8, 16,
      jsonb_build_array(jsonb_build_object('name', 'C:', 'totalBytes', 500107862016, 'freeBytes', 1000000::bigint * n,
        'utilizationPercent', ${at(101)})),
      'user' || ${at(5000)},
      jsonb_build_object('hostname', 'host-' || n || '.example', 'manufacturer',
        (array['Dell Inc.', 'HP', 'Lenovo', 'Apple'])[1 + ${at(4)}], 'model', 'Model ' || ${at(60)},
        'securityScore', ${at(101)}, 'osEndOfLife', n % 9 = 0, 'firewallEnabled', n % 12 > 0,
        'antivirusStatus', case when n % 15 = 0 then 'out of date' else 'up to date' end,
        'primaryPartitionEncrypted', n % 3 > 0, 'securityRisk', case when n % 20 = 0 then 'High' else 'Low' end,
        'maintenanceMode', n % 500 = 0,
        'tags', jsonb_build_array('tag ' || ${at(120)}, case when n % 3 = 0 then 'vip' else 'standard' end),
        'networkInterfaces', jsonb_build_array(jsonb_build_object('name', 'Ethernet', 'macAddress', md5('mac' || n)::varchar(12),
          'addresses', jsonb_build_array('10.' || n / 65536 || '.' || n / 256 % 256 || '.' || n % 256, 'fe80::' || to_hex(n)))))
    from generate_series(1, ${assets}::int) n`);
  // Every fiftieth asset has no device in any RMM.
  await db.execute(sql`
    insert into tenant_external_entity_mappings (id, tenant_id, integration_id, integration_type, external_id, asset_id,
      external_group_id, display_name, content_hash, agent_status, last_seen_at, observed_at, gone_at, reported)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'levelio', 'device-' || n, ${assetId("n")},
      'group-' || 1 + n % ${sql.raw(String(clients))} || (array['', ' / Office', ' / Servers'])[1 + n / 7 % 3], 'Device ' || n, md5(n::text),
      case when n % 3 > 0 and n % 40 > 0 then 'online' else 'offline' end,
      now() - make_interval(mins => case when n % 3 > 0 then ${at(60)} else ${at(200000)} end), now(),
      case when n % 40 = 0 then now() end, jsonb_build_object('name', 'Device ' || n, 'assetType', 'workstation')
    from generate_series(1, ${assets}::int) n where n % 50 > 0`);
  await db.execute(sql`
    insert into rmm_device_updates (id, tenant_id, integration_id, external_update_id, external_device_id, name, category,
      kb_ids, content_hash, observed_at, created_at, available_since)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'update-' || n, 'device-' || 1 + n % (${assets}::int * 7 / 10),
      'Update ' || ${at(400)}, 'Security', array['KB' || ${at(400)}],
      md5(n::text), now(), since, since
    from generate_series(1, ${updates}::int) n cross join lateral (select now() - make_interval(days => ${at(120)}) as since) s`);
  await db.execute(sql`
    insert into rmm_alerts (id, tenant_id, integration_id, external_alert_id, external_device_id, asset_id, name, severity,
      status, started_at, resolved_at, content_hash, observed_at, observed_via)
    select gen_random_uuid(), ${tenantId}, ${connectionId}, 'alert-' || n, 'device-' || n % ${assets}::int,
      ${assetId(`1 + n % ${assets}`)}, 'CPU is busy', (array['critical', 'major', 'moderate', 'minor'])[1 + ${at(4)}],
      case when n % 10 = 0 then 'active' else 'resolved' end, now() - make_interval(hours => ${at(2000)}),
      case when n % 10 > 0 then now() end, '', now(), 'sweep'
    from generate_series(1, ${alerts}::int) n`);
  await db.execute(sql`analyze`);
  await withTenant(db, tenantId, (tx) => refreshPendingPatches(tx, { tenantId, connectionId }, new Date()));
  // As the job of each minute does.
  while ((await withTenant(db, tenantId, (tx) => recountPatchTotals(tx, tenantId, 1000))) > 0);
  // Writes a device's row once, as a sync does, not once per table.
  await db.execute(sql`vacuum full asset_list`);
  await db.execute(sql`vacuum analyze`);
  return { tenantId, clientId: "00000000-0000-7000-9000-000000000001" };
}
