import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";
import { isBeyond, keyOrder, keyValues, type KeyValues, type SortKey } from "../shared/keyset";
import { fingerprintOf } from "../shared/fingerprint";
import { contains } from "../shared/search";

/** The fields that a person may override and that the RMM reports too. */
type HeldField = "name" | "type" | "location" | "client";

export interface HeldFieldRow {
  assetId: string;
  asset: string;
  assetType: "workstation" | "server";
  clientId: string | null;
  client: string | null;
  field: HeldField;
  /** Our value as pages show it; a client is its name. */
  ours: string | null;
  theirs: string | null;
  /** The RMM's value as it would be stored; a client is its id. */
  theirValue: string | null;
  /** Why the RMM's value cannot be used: it is blank or unknown, it is no client, or the client is archived. */
  obstacle: "blank" | "no_client" | "archived" | null;
  isDifferent: boolean;
}

export interface DifferenceFilter {
  field: HeldField | undefined;
  /** `none` finds assets without a client. */
  clientId: string | undefined;
  /** Part of the asset's name, or of either value. */
  text: string | undefined;
  /** The connection of the device that the asset is compared with. */
  connectionId?: string;
}

/** A difference as it was when a person saw it. */
export interface SeenDifference {
  assetId: string;
  field: HeldField;
  theirValue: string | null;
}

/** A choice of differences: those that match a filter, or those shown before that have not changed since. */
export type DifferenceSelection = { filter: DifferenceFilter } | { seen: SeenDifference[] };

/**
 * Each overridden field with the RMM's value. The value comes from the listed devices with a client: from those of the
 * highest-ranking connection, the device observed last. A blank in the RMM is no difference, and a dismissed difference
 * is none until the RMM's value changes.
 */
function overriddenFields(tenantId: string, which: SQL): SQL {
  return sql`
    select a.id as "assetId", a.name as asset, a.asset_type as "assetType", a.client_id as "clientId",
      oc.name as client, f.field, f.ours as "ourValue", f.theirs as "theirValue",
      device."connectionId", case when f.field = 'client' then oc.name else f.ours end as ours,
      case when f.field = 'client' then tc.name else f.theirs end as theirs,
      case when f.field = 'client' and f.theirs is null and device."isKnown" then 'no_client'
           when f.theirs is null then 'blank'
           when f.field = 'client' and (tc.id is null or tc.archived_at is not null) then 'archived' end as obstacle,
      f.theirs is distinct from f.ours
        and (f.theirs is not null or f.field = 'client' and device."isKnown")
        and not (a.kept_over ? f.field and a.kept_over ->> f.field is not distinct from f.theirs) as "isDifferent"
    from assets a
    join lateral (
      select m.integration_id as "connectionId", m.reported, m.skip_reason, m.skip_reason is not null or m.reported is not null as "isKnown"
      from tenant_external_entity_mappings m
      where m.tenant_id = a.tenant_id and m.asset_id = a.id and m.external_type = 'device'
      order by m.gone_at is not null, m.skip_reason is not null, m.content_hash like '% outranked',
        m.observed_at desc, m.id
      limit 1
    ) device on true
    cross join lateral (values
      ('name', a.name, device.reported ->> 'name'),
      ('type', a.asset_type, device.reported ->> 'assetType'),
      ('location', a.location, device.reported ->> 'location'),
      ('client', a.client_id::text, case when device.skip_reason is null then device.reported ->> 'clientId' end)
    ) f(field, ours, theirs)
    left join clients oc on oc.tenant_id = a.tenant_id and oc.id = a.client_id
    left join clients tc on tc.tenant_id = a.tenant_id
      and tc.id = (case when f.field = 'client' then f.theirs end)::uuid
    where a.tenant_id = ${tenantId} and cardinality(a.held_fields) > 0 and f.field = any(a.held_fields) and ${which}`;
}

/** Differences of current assets only: no device contradicts a gone asset. */
const differences = (tenantId: string, selection: DifferenceSelection): SQL => sql`
  select h.* from (${overriddenFields(tenantId, sql`a.status = 'active'`)}) h
  where h."isDifferent" ${"filter" in selection ? fitting(selection.filter) : asSeen(selection.seen)}`;

function fitting({ field, clientId, text, connectionId }: DifferenceFilter): SQL {
  return sql.join(
    [
      field === undefined ? sql`` : sql`and h.field = ${field}`,
      connectionId === undefined ? sql`` : sql`and h."connectionId" = ${connectionId}`,
      clientId === undefined
        ? sql``
        : clientId === "none"
          ? sql`and h."clientId" is null`
          : sql`and h."clientId" = ${clientId}`,
      text === undefined
        ? sql``
        : sql`and (${contains(sql`h.asset`, text)} or ${contains(sql`h.ours`, text)}
          or ${contains(sql`h.theirs`, text)})`,
    ],
    sql` `,
  );
}

const asSeen = (seen: SeenDifference[]): SQL => sql`and exists (
  select from jsonb_to_recordset(${JSON.stringify(seen)}::text::jsonb)
    as s("assetId" uuid, field text, "theirValue" text)
  where s."assetId" = h."assetId" and s.field = h.field and s."theirValue" is not distinct from h."theirValue")`;

/** The sort keys of differences: by the asset's name, then by field. */
export const differenceKeys: SortKey[] = [
  { expression: byName(sql`h.asset`), kind: "text", isDescending: false, isNullable: false },
  { expression: sql`h."assetId"`, kind: "id", isDescending: false, isNullable: false },
  { expression: sql`h.field collate "C"`, kind: "text", isDescending: false, isNullable: false },
];

/** The differences that match, in the order of `differenceKeys`: at most `limit`, after a position. One statement. */
export async function listDifferences(
  tx: TenantDb,
  tenantId: string,
  filter: DifferenceFilter,
  { after, limit }: { after: KeyValues | undefined; limit: number },
): Promise<(HeldFieldRow & { keys: KeyValues })[]> {
  return queryRows<HeldFieldRow & { keys: KeyValues }>(
    tx,
    sql`select h.*, ${keyValues(differenceKeys)} as keys from (${differences(tenantId, { filter })}) h
        where ${after === undefined ? sql`true` : isBeyond(differenceKeys, after)}
        order by ${keyOrder(differenceKeys)} limit ${limit}::int`,
  );
}

/** How many differences match, and a fingerprint that changes with any of them. */
export async function fingerprintDifferences(
  tx: TenantDb,
  tenantId: string,
  filter: DifferenceFilter,
): Promise<{ total: number; mark: string }> {
  const says = sql`d."assetId", d.field, d."ourValue", d."theirValue"`;
  const [row] = await queryRows<{ total: number; mark: string }>(
    tx,
    sql`select count(*)::int as total, ${fingerprintOf(says, sql`d."assetId", d.field`)} as mark
        from (${differences(tenantId, { filter })}) d`,
  );
  return row!;
}

/**
 * How many differences match.
 * @param atMost where to stop counting, for a page that shows no larger number
 */
export async function countDifferences(
  tx: TenantDb,
  tenantId: string,
  filter: DifferenceFilter,
  atMost?: number,
): Promise<number> {
  const found = sql`select 1 from (${differences(tenantId, { filter })}) d`;
  // Uses the order of the index on assets with overridden fields; without it, the planner reads all of them despite the
  // limit.
  const first = atMost === undefined ? sql`` : sql`order by d.asset limit ${atMost}::int`;
  const [row] = await queryRows<{ n: number }>(tx, sql`select count(*)::int as n from (${found} ${first}) f`);
  return row?.n ?? 0;
}

/** Every overridden field of the asset, with the RMM's value. Leaves out notes, which the RMM does not have. */
export async function listHeldFields(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<HeldFieldRow[]> {
  return queryRows<HeldFieldRow>(tx, overriddenFields(tenantId, sql`a.id = ${assetId}`));
}

export interface ResolvedAsset {
  assetId: string;
  name: string;
  fields: HeldField[];
  /** The values by field, as pages show them. */
  from: Partial<Record<HeldField, string | null>>;
  to: Partial<Record<HeldField, string | null>>;
  fromClientId: string | null;
  toClientId: string | null;
}

/** The differences, one row for each asset. */
const byAsset = (rows: SQL): SQL => sql`
  select d."assetId", array_agg(d.field) as fields, jsonb_object_agg(d.field, d."theirValue") as theirs,
    jsonb_object_agg(d.field, d.ours) as "from", jsonb_object_agg(d.field, coalesce(d.theirs, d.ours)) as "to",
    max(d."ourValue") filter (where d.field = 'client') as "fromClientId"
  from (${rows}) d group by d."assetId"`;

const resolved = sql`a.id as "assetId", a.name, s.fields, s."from", s."to", s."fromClientId",
  a.client_id as "toClientId"`;

/**
 * Stores the RMM's values and removes the overrides, so that syncs write the fields again. Leaves values that cannot be
 * stored as they are. One statement, for at most `limit` differences.
 */
export async function takeTheirs(
  tx: TenantDb,
  tenantId: string,
  selection: DifferenceSelection,
  limit: number,
  now: Date,
): Promise<ResolvedAsset[]> {
  const rows = sql`select * from (${differences(tenantId, selection)}) d where d.obstacle is null
    order by ${byName(sql`d.asset`)}, d."assetId", d.field limit ${limit}`;
  return release(tx, tenantId, rows, now);
}

/**
 * Removes the override of one field, whether or not the values differ, and stores the RMM's value. If the RMM reports
 * none, the present value stays until it does.
 */
export async function releaseField(
  tx: TenantDb,
  tenantId: string,
  { assetId, field, theirValue }: SeenDifference,
  now: Date,
): Promise<ResolvedAsset[]> {
  const rows = sql`select * from (${overriddenFields(tenantId, sql`a.id = ${assetId}`)}) h
    where h.field = ${field} and h."theirValue" is not distinct from ${theirValue}
      and (h.obstacle is null or h.obstacle = 'blank')`;
  return release(tx, tenantId, rows, now);
}

async function release(tx: TenantDb, tenantId: string, rows: SQL, now: Date): Promise<ResolvedAsset[]> {
  return queryRows<ResolvedAsset>(
    tx,
    sql`with s as materialized (${byAsset(rows)})
        update assets a set
          name = coalesce(s.theirs ->> 'name', a.name),
          asset_type = coalesce(s.theirs ->> 'type', a.asset_type),
          location = coalesce(s.theirs ->> 'location', a.location),
          client_id = coalesce((s.theirs ->> 'client')::uuid, a.client_id),
          held_fields = array(select held from unnest(a.held_fields) held where held <> all (s.fields)),
          kept_over = a.kept_over - s.fields, undone = a.undone - s.fields,
          updated_at = ${now.toISOString()}
        from s where a.tenant_id = ${tenantId} and a.id = s."assetId"
        returning ${resolved}`,
  );
}

/**
 * Keeps our values, and dismisses the RMM's values until they change. One statement, for at most `limit` differences.
 */
export async function keepOurs(
  tx: TenantDb,
  tenantId: string,
  selection: DifferenceSelection,
  limit: number,
): Promise<ResolvedAsset[]> {
  const rows = sql`select * from (${differences(tenantId, selection)}) d
    order by ${byName(sql`d.asset`)}, d."assetId", d.field limit ${limit}`;
  return queryRows<ResolvedAsset>(
    tx,
    sql`with s as materialized (${byAsset(rows)})
        update assets a set kept_over = a.kept_over || s.theirs
        from s where a.tenant_id = ${tenantId} and a.id = s."assetId"
        returning ${resolved}`,
  );
}
