import { sql, type SQL } from "drizzle-orm";

import type { RunRef } from "@domain/refs";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import { isJoinedBy } from "./undo-links";

/** The columns of `assets`, by the name of the field in the history. */
const assetColumns: Record<string, string> = {
  name: "name",
  type: "asset_type",
  client: "client_id",
  site: "site_id",
  contact: "contact_id",
  location: "location",
  serialNumber: "serial_number",
};

/** The columns of `asset_details`, likewise. Every other field is a key of `system_info`. */
const detailColumns: Record<string, string> = {
  osType: "os_type",
  osVersion: "os_version",
  lanIp: "lan_ip",
  cpuModel: "cpu_model",
  cpuCores: "cpu_cores",
  ramGb: "ram_gb",
  disks: "disks",
  lastLoggedInUser: "last_logged_in_user",
};

/** Fields in the history that people do not see: identity keys, and since when and why an asset is gone. */
const HIDDEN = ["_serialKey", "_macKeys", "_hostnameKey", "_absence"];

/**
 * Fields that an undo skips, because they are no facts of the asset alone: the number of its updates, its place in the
 * RMM's tree, and what only people change.
 */
const LEFT_ALONE = ["pendingPatches", "groupId", "overrides"];

const textList = (words: readonly string[]): SQL =>
  sql`(${sql.join(
    words.map((word) => sql`${word}`),
    sql`, `,
  )})`;

const currentValue: SQL = sql`case c.field
  ${sql.join(
    Object.entries(assetColumns).map(
      ([field, column]) => sql`when ${field} then to_jsonb(a.${sql.identifier(column)})`,
    ),
    sql` `,
  )}
  ${sql.join(
    Object.entries(detailColumns).map(
      ([field, column]) => sql`when ${field} then to_jsonb(d.${sql.identifier(column)})`,
    ),
    sql` `,
  )}
  when 'status' then to_jsonb(a.status)
  when '_serialKey' then to_jsonb(a.serial_key)
  when '_macKeys' then to_jsonb(a.mac_keys)
  when '_hostnameKey' then to_jsonb(a.hostname_key)
  when '_absence' then jsonb_build_array(a.gone_at at time zone 'UTC', a.gone_reason, a.retired_at at time zone 'UTC')
  else d.system_info -> c.field end`;

/** Whether the asset has a listed device that the run did not link to it. */
const hasOwnDevice = (tenantId: string, runId: string): SQL => sql`exists (
  select from tenant_external_entity_mappings m
  where m.tenant_id = ${tenantId} and m.asset_id = a.id and m.gone_at is null and not coalesce(${isJoinedBy(runId)}, false))`;

/**
 * What the run changed, one row for each field of each asset: the value before and after the run, and a state. `back`:
 * the undo restores it. `changed`: it has changed since. `held`: a person has overridden it since. `kept`: an undo
 * never restores it, for example an asset that came back with its device, or a client that was archived since.
 */
const judgedChanges = ({ tenantId, runId }: RunRef, which: SQL): SQL => sql`
  select c.asset_id, a.name as asset, c.field, c.before, c.after, case
      when c.field in ('name', 'type', 'client', 'site', 'contact', 'location') and c.field = any(a.held_fields) then 'held'
      when (case when c.field = 'disks' then disks_without_free_space(d.disks) else nullif(${currentValue}, 'null') end)
        is distinct from (case when c.field = 'disks' then disks_without_free_space(c.after) else c.after end) then 'changed'
      when c.field = 'client' and c.before is not null and not exists (
        select from clients k where k.tenant_id = ${tenantId} and k.id = (c.before #>> '{}')::uuid and k.archived_at is null)
        then 'kept'
      when c.field = 'site' and c.before is not null and not exists (
        select from client_sites k where k.tenant_id = ${tenantId} and k.id = (c.before #>> '{}')::uuid
          and k.client_id = a.client_id) then 'kept'
      when c.field = 'contact' and c.before is not null and not exists (
        select from client_contacts k where k.tenant_id = ${tenantId} and k.id = (c.before #>> '{}')::uuid
          and k.client_id = a.client_id) then 'kept'
      when c.field in ('status', '_absence') and a.status <> 'gone' and ${hasOwnDevice(tenantId, runId)} then 'kept'
      when c.field in ('name', 'type') and c.before is null then 'kept'
      when c.field = 'disks' and exists (
        select from jsonb_array_elements(c.before) disk where not disk ? 'freeBytes') then 'kept'
      else 'back' end as state
  from (
    select h.asset_id, h.field, (array_agg(h.before order by h.id))[1] as before,
      (array_agg(h.after order by h.id desc))[1] as after
    from asset_changes h
    where h.tenant_id = ${tenantId} and h.run_id = ${runId} and h.field not in ${textList(LEFT_ALONE)} and ${which}
    group by h.asset_id, h.field
  ) c
  join assets a on a.tenant_id = ${tenantId} and a.id = c.asset_id
  left join asset_details d on d.asset_id = a.id
  where c.before is distinct from c.after`;

export interface UndoSums {
  /** How many field changes the undo restores, and of how many assets. */
  fields: number;
  assets: number;
  /** How many of them are moves and removals. */
  moves: number;
  removals: number;
  /** How many devices that the run linked to an asset get one of their own. */
  links: number;
  /** How many field changes stay, by reason. */
  changed: number;
  held: number;
  kept: number;
}

/** What an undo of the run would do now; one statement. */
export async function sumUndo(tx: TenantDb, ref: RunRef): Promise<UndoSums> {
  const visible = sql`j.field not in ${textList(HIDDEN)}`;
  const [row] = await queryRows<UndoSums>(
    tx,
    sql`with j as (${judgedChanges(ref, sql`true`)})
        select (count(*) filter (where state = 'back' and ${visible}))::int as fields,
          (count(distinct asset_id) filter (where state = 'back'))::int as assets,
          (count(*) filter (where state = 'back' and field = 'client'))::int as moves,
          (count(*) filter (where state = 'back' and field = 'status' and after = '"gone"'))::int as removals,
          (select count(*)::int from tenant_external_entity_mappings m
           where m.tenant_id = ${ref.tenantId} and m.asset_id is not null and ${isJoinedBy(ref.runId)}) as links,
          (count(*) filter (where state = 'changed' and ${visible}))::int as changed,
          (count(*) filter (where state = 'held'))::int as held,
          (count(*) filter (where state = 'kept' and ${visible}))::int as kept
        from j`,
  );
  return row!;
}

export interface UndoChange {
  assetId: string;
  asset: string;
  field: string;
  before: unknown;
  after: unknown;
  state: "back" | "changed" | "held" | "kept";
}

/** The field changes that an undo would restore or leave, restored ones first, at most `limit`; one statement. */
export const listUndoChanges = (tx: TenantDb, ref: RunRef, limit: number): Promise<UndoChange[]> =>
  queryRows<UndoChange>(
    tx,
    sql`select j.asset_id as "assetId", j.asset, j.field, j.before, j.after, j.state
        from (${judgedChanges(ref, sql`true`)}) j where j.field not in ${textList(HIDDEN)}
        order by j.state <> 'back', j.asset, j.asset_id, j.field limit ${limit}`,
  );

/**
 * The ids of assets that the run changed or linked a device to, ordered by id: at most `limit`, after `afterId`. One
 * statement.
 */
export async function listAssetsOfRun(
  tx: TenantDb,
  { tenantId, runId }: RunRef,
  afterId: string,
  limit: number,
): Promise<string[]> {
  const rows = await queryRows<{ id: string }>(
    tx,
    sql`select id from (
          select h.asset_id as id from asset_changes h
          where h.tenant_id = ${tenantId} and h.run_id = ${runId} and h.asset_id > ${afterId}
          union
          select m.asset_id from tenant_external_entity_mappings m
          where m.tenant_id = ${tenantId} and m.asset_id > ${afterId} and ${isJoinedBy(runId)}
        ) touched order by id limit ${limit}`,
  );
  return rows.map((row) => row.id);
}

export interface AssetOfUndoneRun {
  assetId: string;
  name: string;
  fields: number;
  fromClientId: string | null;
  toClientId: string | null;
  isMoved: boolean;
  isRevived: boolean;
}

/**
 * Restores the run's changes to these assets, except what has changed since, and records the RMM's values so that no
 * sync writes them again (in `assets.undone`; for a removal, as a rejected change). One statement. Returns what it
 * restored.
 */
export async function putBack(
  tx: TenantDb,
  ref: RunRef & { connectionId: string },
  assetIds: string[],
  now: Date,
): Promise<AssetOfUndoneRun[]> {
  const { tenantId, runId, connectionId } = ref;
  const at = now.toISOString();
  const columns = Object.keys({ ...assetColumns, ...detailColumns });
  const isFact = sql`field not in ${textList([...columns, ...HIDDEN, "status"])}`;
  const was = (field: string) => sql`p.before ->> ${field}::text`;
  const unless = (field: string, value: SQL, column: SQL) =>
    sql`case when p.before ? ${field}::text then ${value} else ${column} end`;
  const plain = (columnOf: Record<string, string>, of: SQL, cast: Record<string, SQL> = {}) =>
    sql.join(
      Object.entries(columnOf).map(([field, column]) => {
        const name = sql.identifier(column);
        return sql`${name} = ${unless(field, cast[field] ?? was(field), sql`${of}.${name}`)}`;
      }),
      sql`, `,
    );
  return queryRows<AssetOfUndoneRun>(
    tx,
    sql`with back as materialized (
          select * from (${judgedChanges(ref, sql`h.asset_id = any(${uuidArray(assetIds)})`)}) j where j.state = 'back'
        ), per_asset as materialized (
          select asset_id, jsonb_object_agg(field, before) as before,
            coalesce(jsonb_object_agg(field, after) filter (where field not in ${textList([...HIDDEN, "status"])}), '{}')
              as undone,
            coalesce(jsonb_object_agg(field, before) filter (where before is not null and ${isFact}), '{}') as facts,
            coalesce(array_agg(field) filter (where before is null and ${isFact}), '{}') as dropped,
            (count(*) filter (where field not in ${textList(HIDDEN)}))::int as fields,
            bool_or(field = 'client') as is_moved, bool_or(field = 'status' and after = '"gone"') as is_revived
          from back group by asset_id
        ), old as materialized (
          select a.id, a.client_id, a.gone_at from assets a join per_asset p on p.asset_id = a.id
        ), put_details as (
          update asset_details d set ${plain(detailColumns, sql`d`, {
            cpuCores: sql`(${was("cpuCores")})::int`,
            ramGb: sql`(${was("ramGb")})::int`,
            disks: sql`coalesce(p.before -> 'disks', '[]')`,
          })},
            system_info = (d.system_info - p.dropped) || p.facts, updated_at = ${at}
          from per_asset p where d.tenant_id = ${tenantId} and d.asset_id = p.asset_id
            and (p.facts <> '{}' or p.dropped <> '{}' or p.before ?| array[${sql.join(
              Object.keys(detailColumns).map((field) => sql`${field}::text`),
              sql`, `,
            )}])
        ), revived as (
          update tenant_external_entity_mappings m set gone_at = null, gone_reason = null, updated_at = ${at}
          from per_asset p join old on old.id = p.asset_id
          where p.is_revived and m.tenant_id = ${tenantId} and m.integration_id = ${connectionId}
            and m.asset_id = p.asset_id and m.gone_at = old.gone_at
          returning m.external_id, m.asset_id, m.display_name
        ), believed as (
          insert into rmm_held_changes as h (id, tenant_id, integration_id, run_id, external_id, asset_id, kind, state,
            name, created_at, updated_at)
          select gen_random_uuid(), ${tenantId}, ${connectionId}, ${runId}, r.external_id, r.asset_id, 'removal',
            'rejected', r.display_name, ${at}, ${at}
          from revived r
          on conflict (tenant_id, integration_id, kind, external_id) do update set state = 'rejected', updated_at = ${at}
        ), followed as (
          update tenant_external_entity_mappings m set skip_reason = null, updated_at = ${at}
          from per_asset p
          where p.is_moved and p.undone -> 'client' = 'null' and m.tenant_id = ${tenantId}
            and m.asset_id = p.asset_id and m.skip_reason in ('ungrouped', 'unmapped', 'excluded')
        ), released as (
          update tenant_external_entity_mappings m set skip_reason = 'undone', updated_at = ${at}
          from per_asset p
          where p.is_moved and p.before -> 'client' = 'null' and m.tenant_id = ${tenantId}
            and m.integration_id = ${connectionId} and m.asset_id = p.asset_id and m.gone_at is null
            and m.skip_reason is null
        )
        update assets a set ${plain(assetColumns, sql`a`, {
          client: sql`(${was("client")})::uuid`,
          site: sql`(${was("site")})::uuid`,
          contact: sql`(${was("contact")})::uuid`,
        })},
          status = ${unless("status", was("status"), sql`a.status`)},
          gone_at = ${unless("_absence", sql`(p.before -> '_absence' ->> 0)::timestamp at time zone 'UTC'`, sql`a.gone_at`)},
          gone_reason = ${unless("_absence", sql`p.before -> '_absence' ->> 1`, sql`a.gone_reason`)},
          retired_at = ${unless("_absence", sql`(p.before -> '_absence' ->> 2)::timestamp at time zone 'UTC'`, sql`a.retired_at`)},
          serial_key = ${unless("_serialKey", was("_serialKey"), sql`a.serial_key`)},
          mac_keys = ${unless(
            "_macKeys",
            sql`array(select jsonb_array_elements_text(p.before -> '_macKeys'))`,
            sql`a.mac_keys`,
          )},
          hostname_key = ${unless("_hostnameKey", was("_hostnameKey"), sql`a.hostname_key`)},
          undone = p.undone || a.undone, updated_at = ${at}
        from per_asset p join old on old.id = p.asset_id
        where a.tenant_id = ${tenantId} and a.id = p.asset_id
        returning a.id as "assetId", a.name, p.fields, old.client_id as "fromClientId", a.client_id as "toClientId",
          p.is_moved as "isMoved", p.is_revived as "isRevived"`,
  );
}

/** The listed devices of these assets; one statement. */
export const listDevicesOf = (
  tx: TenantDb,
  tenantId: string,
  assetIds: string[],
): Promise<{ connectionId: string; externalId: string; assetId: string }[]> =>
  queryRows(
    tx,
    sql`select integration_id as "connectionId", external_id as "externalId", asset_id as "assetId"
        from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and asset_id = any(${uuidArray(assetIds)}) and gone_at is null`,
  );
