import { sql } from "drizzle-orm";

import type { Db } from "@db/client";

/** Makes changes of the tenant's assets, spread evenly over the last 400 days, as a hundred runs a day would leave them. */
export async function seedHistory(db: Db, tenantId: string, changes: number): Promise<void> {
  await db.execute(sql`
    insert into asset_changes (tenant_id, asset_id, field, before, after, run_id, actor, changed_at)
    select ${tenantId}, ids[1 + (n::bigint * 7919) % cardinality(ids)],
      (array['osVersion', 'lanIp', 'lastLoggedInUser', 'pendingPatches', 'disks'])[1 + n % 5],
      to_jsonb('before ' || n), to_jsonb('after ' || n),
      case when n % 50 > 0 then md5('run' || n / 50)::uuid end, case when n % 50 = 0 then 'Ada' end,
      now() - interval '400 days' * (${changes}::int - n) / ${changes}::int
    from generate_series(1, ${changes}::int) n,
      (select array_agg(id order by id) as ids from assets where tenant_id = ${tenantId}) a`);
  await db.execute(sql`analyze asset_changes`);
}

/** Counts the devices and pending updates of each client for each of the last 400 days, and writes an audit log of 100,000 entries. */
export async function seedLedger(db: Db, tenantId: string): Promise<void> {
  await db.execute(sql`
    insert into ledger_days (tenant_id, day, client_id, asset_type, devices, patches, patch_devices)
    select ${tenantId}, current_date - n, counted.client_id, counted.asset_type, counted.devices, counted.patches,
      counted.patch_devices
    from generate_series(0, 399) n, (
      select client_id, asset_type, count(*) as devices, coalesce(sum(pending_patches), 0) as patches,
        count(*) filter (where pending_patches > 0) as patch_devices
      from asset_list where tenant_id = ${tenantId} and status = 'active' group by client_id, asset_type) counted`);
  await db.execute(sql`
    insert into ledger_entries (tenant_id, day, client_id, asset_type, asset_id, name, change, reason, recorded_at)
    select ${tenantId}, current_date - (row_number() over (order by asset_id))::int % 400, client_id, asset_type, asset_id,
      name_key, 1, 'added', now()
    from asset_list where tenant_id = ${tenantId}`);
  await db.execute(sql`
    insert into audit_log (id, tenant_id, actor, action, target_type, target_id, details, created_at)
    select md5('audit' || n)::uuid, ${tenantId}, (array['Ada', 'Grace', 'Edsger'])[1 + n % 3],
      (array['asset.changed', 'client.renamed', 'incident.acknowledged'])[1 + n % 3], null, null,
      jsonb_build_object('name', 'Thing ' || n), now() - n * interval '2 minutes'
    from generate_series(1, 100000) n`);
  await db.execute(sql`analyze`);
}
