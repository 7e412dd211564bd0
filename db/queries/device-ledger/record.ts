import { sql } from "drizzle-orm";

import { dayOf } from "../../../domain/device-ledger";
import { queryRows, type Db, type TenantDb } from "../../client";
import { queryByHash } from "../shared/by-hash";

/**
 * Counts today's active assets by client and type, and records each device that came, left, moved or changed its type
 * since the last count. Writes nothing if nothing changed. Four statements for any number of assets. Days never go
 * backwards: after a clock rollback, it continues the latest day.
 */
export async function recordLedger(tx: TenantDb, tenantId: string, now: Date): Promise<void> {
  // Two runs that end at the same time would otherwise both record the same differences.
  const [last] = await queryRows<{ day: string | null }>(
    tx,
    sql`select (select max(day)::text from ledger_days where tenant_id = ${tenantId}) as day
        from pg_advisory_xact_lock(hashtextextended(${`device-ledger ${tenantId}`}, 0))`,
  );
  const today = dayOf(now);
  const day = last?.day !== null && last?.day !== undefined && last.day > today ? last.day : today;
  await recordEntries(tx, tenantId, day, now);
  await recordDay(tx, tenantId, day);
}

async function recordEntries(tx: TenantDb, tenantId: string, day: string, now: Date): Promise<void> {
  await queryByHash(
    tx,
    sql`
      with differing as materialized (
        select coalesce(m.asset_id, l.asset_id) as asset_id, m.asset_id is not null as was_counted,
          l.asset_id is not null as is_counted, m.client_id as old_client, l.client_id as new_client,
          m.asset_type as old_type, l.asset_type as new_type, m.name as old_name, l.name as new_name
        from (select asset_id, client_id, asset_type, name from ledger_members where tenant_id = ${tenantId}) m
        full join (
          select l.asset_id, l.client_id, l.asset_type, a.name
          from asset_list l join assets a on a.id = l.asset_id
          where l.tenant_id = ${tenantId} and l.status = 'active'
        ) l on l.asset_id = m.asset_id
        where (m.asset_id, m.client_id, m.asset_type, m.name)
          is distinct from (l.asset_id, l.client_id, l.asset_type, l.name)
      ), changed as materialized (
        select d.*, case
            when was_counted and is_counted then
              case when old_client is distinct from new_client then 'moved' else 'retyped' end
            when is_counted then 'added'
            else coalesce((select case a.status when 'active' then null else a.status end
              from assets a where a.tenant_id = ${tenantId} and a.id = d.asset_id), 'removed')
          end as reason
        from differing d
        where (was_counted, old_client, old_type) is distinct from (is_counted, new_client, new_type)
      ), entered as (
        insert into ledger_entries (tenant_id, day, client_id, asset_type, asset_id, name, change, reason,
          other_client_id, recorded_at)
        select ${tenantId}::uuid, ${day}::date, e.client_id, e.asset_type, e.asset_id, e.name, e.change, e.reason,
          e.other_client_id, ${now.toISOString()}::timestamptz
        from (
          select old_client as client_id, old_type as asset_type, asset_id, coalesce(new_name, old_name) as name,
            -1 as change, reason, case when reason = 'moved' then new_client end as other_client_id
          from changed where was_counted
          union all
          select new_client, new_type, asset_id, new_name, 1, reason,
            case when reason = 'moved' then old_client end
          from changed where is_counted
        ) e
        order by e.asset_id, e.change
      ), left_out as (
        delete from ledger_members m using differing d
        where m.tenant_id = ${tenantId} and m.asset_id = d.asset_id and not d.is_counted
      )
      insert into ledger_members (tenant_id, asset_id, client_id, asset_type, name)
      select ${tenantId}::uuid, asset_id, new_client, new_type, new_name from differing where is_counted
      on conflict (tenant_id, asset_id) do update set client_id = excluded.client_id,
        asset_type = excluded.asset_type, name = excluded.name`,
  );
}

/**
 * Writes the day's counts. A client and type that had devices at the last count and has none now gets one row with 0.
 */
async function recordDay(tx: TenantDb, tenantId: string, day: string): Promise<void> {
  await queryRows(
    tx,
    sql`
      with current as materialized (
        select l.client_id, l.asset_type, count(*)::int as devices, coalesce(sum(l.pending_patches), 0)::int as patches,
          (count(*) filter (where l.pending_patches > 0))::int as patch_devices
        from asset_list l
        where l.tenant_id = ${tenantId} and l.status = 'active'
        group by l.client_id, l.asset_type
      ), counted as (
        select * from current
        union all
        select d.client_id, d.asset_type, 0, 0, 0 from ledger_days d
        where d.tenant_id = ${tenantId}
          and d.day = (select max(day) from ledger_days where tenant_id = ${tenantId} and day <= ${day}::date)
          and (d.devices > 0 or d.day = ${day}::date) and not exists (
            select 1 from current c where c.asset_type = d.asset_type and c.client_id is not distinct from d.client_id)
      )
      insert into ledger_days (tenant_id, day, client_id, asset_type, devices, patches, patch_devices)
      select ${tenantId}::uuid, ${day}::date, client_id, asset_type, devices, patches, patch_devices from counted
      on conflict (tenant_id, day, asset_type,
        coalesce(client_id, '00000000-0000-0000-0000-000000000000'::uuid))
      do update set devices = excluded.devices, patches = excluded.patches, patch_devices = excluded.patch_devices
      where (ledger_days.devices, ledger_days.patches, ledger_days.patch_devices)
        is distinct from (excluded.devices, excluded.patches, excluded.patch_devices)`,
  );
}

/** The ids of all tenants of the installation. */
export const listTenantIds = async (db: Db): Promise<string[]> =>
  (await queryRows<{ id: string }>(db, sql`select id from tenants order by id`)).map(({ id }) => id);
