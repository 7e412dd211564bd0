import { and, eq, sql, type SQL } from "drizzle-orm";

import type { CoverageKind } from "../../../domain/coverage";
import { coverageKinds } from "../../../domain/coverage";
import { queryRows, type TenantDb } from "../../client";
import { coverageIgnores } from "../../schema";
import { isBeyond, keyOrder, keyValues, type KeyValues, type SortKey } from "../shared/keyset";
import { contains } from "../shared/search";

export interface CoverageRow {
  id: string;
  name: string;
  /** The reason for the gap, as one word of its kind. */
  reason: string;
  /** What the subject belongs to: an asset's client, a device's group, or a group's connection. */
  detail: string | null;
  clientId: string | null;
  connectionId: string | null;
  provider: string | null;
  /** For an ignored gap: the person's note. */
  note: string | null;
  ignoredBy: string | null;
  ignoredAt: string | null;
  keys: KeyValues;
  /** How many gaps a search finds; null without one, because `countCoverage` counts them all. */
  found: number | null;
}

/**
 * The gaps of each kind, as id, name, name_key (the key that an index of the kind is ordered by), reason, detail,
 * client_id, integration_id and provider. Tables that only supply a name are joined to the left, so that a count skips
 * them; an asset's name is looked up for the page alone, for a join would read all assets.
 * - assets: current ones that no RMM knows and that nobody marked as needing no agent
 * - devices: listed ones without an asset
 * - clients: those not archived and without a current asset; an index look-up finds one asset, whereas NOT EXISTS would
 * read all
 * - groups: listed ones that lead to no client, because neither they nor a group above them is mapped
 */
const gaps: Record<CoverageKind, (tenantId: string) => SQL> = {
  assets: (tenantId) => sql`
    select l.asset_id as id, (select a.name from assets a where a.id = l.asset_id) as name, l.name_key, case when l.client_id is null then 'no_client' else 'no_agent' end as reason,
      c.name as detail, l.client_id, null::uuid as integration_id, null::text as provider
    from asset_list l left join clients c on c.id = l.client_id
    where l.tenant_id = ${tenantId} and l.status = 'active' and not l.has_device and not l.needs_no_agent`,
  devices: (tenantId) => sql`
    select m.id, m.display_name as name, m.unassigned_key as name_key, coalesce(m.skip_reason, 'waiting') as reason, g.path as detail,
      null::uuid as client_id, m.integration_id, m.integration_type as provider, m.external_group_id as group_id
    from tenant_external_entity_mappings m
    left join rmm_organization_mappings g on g.tenant_id = m.tenant_id and g.integration_id = m.integration_id
      and g.external_id = m.external_group_id
    where m.tenant_id = ${tenantId} and m.external_type = 'device' and m.gone_at is null and m.asset_id is null`,
  clients: (tenantId) => sql`
    select c.id, c.name, c.name_key, case when exists (
        select 1 from rmm_organization_mappings g
        where g.tenant_id = ${tenantId} and g.client_id = c.id and g.state = 'mapped' and g.gone_at is null
      ) then 'empty_groups' else 'no_group' end as reason,
      null::text as detail, c.id as client_id, null::uuid as integration_id, null::text as provider
    from clients c
    where c.tenant_id = ${tenantId} and c.archived_at is null and (
      select l.asset_id from asset_list l
      where l.tenant_id = ${tenantId} and l.client_id = c.id and l.status = 'active' limit 1) is null`,
  groups: (tenantId) => sql`
    select g.id, g.path as name, natural_key(g.path) as name_key, case when (g.integration_id, g.external_id) in (
        select d.integration_id, d.external_id from decided d) then 'excluded' else 'unmapped' end as reason,
      i.label as detail, null::uuid as client_id, g.integration_id, i.provider
    from rmm_organization_mappings g join rmm_integrations i on i.id = g.integration_id
    where g.tenant_id = ${tenantId} and g.gone_at is null and i.status <> 'disconnected' and ((g.integration_id, g.external_id) in (
        select d.integration_id, d.external_id from decided d where d.decision = 'mapped')) is not true`,
};

/**
 * The decision that applies to each group: its own, or that of the nearest group above it that has one. The planner
 * cannot know how many rows there will be, so queries test membership with `is not true`, which forces a hash look-up;
 * as a join it compared each of 2,400 groups with every other.
 */
const decidedGroups = (tenantId: string) => sql`own as (
    select integration_id, external_id, parent_external_id,
      case when state = 'mapped' and client_id is not null then 'mapped'
           when state = 'excluded' then 'excluded' end as decision
    from rmm_organization_mappings where tenant_id = ${tenantId}
  ), decided as (
    select integration_id, external_id, decision from own where decision is not null
    union
    select own.integration_id, own.external_id, decided.decision
    from decided join own on own.integration_id = decided.integration_id
      and own.parent_external_id = decided.external_id and own.decision is null
  )`;

/** How many gaps of each kind there are, and how many of them are ignored, of which there are few. */
const sums = (tenantId: string): SQL =>
  sql.join(
    coverageKinds.map((kind) => {
      const of = gaps[kind](tenantId);
      return sql`select ${kind}::text as kind, (select count(*)::int from (${of}) g) as "all",
        (select count(*)::int from coverage_ignores i
         where i.tenant_id = ${tenantId} and i.kind = ${kind} and i.subject_id in (select g.id from (${of}) g)) as ignored`;
    }),
    sql` union all `,
  );

export type CoverageCounts = Record<CoverageKind, { open: number; ignored: number }>;

/** How many gaps of each kind there are; one statement. */
export async function countCoverage(tx: TenantDb, tenantId: string): Promise<CoverageCounts> {
  const rows = await queryRows<{ kind: CoverageKind; all: number; ignored: number }>(
    tx,
    sql`with recursive ${decidedGroups(tenantId)} ${sums(tenantId)}`,
  );
  return Object.fromEntries(
    rows.map(({ kind, all, ignored }) => [kind, { open: all - ignored, ignored }]),
  ) as CoverageCounts;
}

export interface CoverageFilter {
  kind: CoverageKind;
  isIgnored: boolean;
  text: string | undefined;
}

export const coverageKeys: SortKey[] = [
  { expression: sql`g.name_key collate "C"`, kind: "text", isDescending: false, isNullable: false },
  { expression: sql`g.id`, kind: "id", isDescending: false, isNullable: false },
];

/** Whether the name of a gap, or what it belongs to, contains a text. Computes the path of a group once for its devices. */
const isNamed = (tenantId: string, kind: CoverageKind, text: string): SQL =>
  kind === "devices"
    ? sql`(${contains(sql`g.name`, text)} or (g.integration_id, g.group_id) in (
        select o.integration_id, o.external_id from rmm_organization_mappings o
        where o.tenant_id = ${tenantId} and ${contains(sql`o.path`, text)}))`
    : sql`(${contains(sql`g.name`, text)} or ${contains(sql`coalesce(g.detail, '')`, text)})`;

/**
 * A page of the gaps of a kind, ordered by name; one statement. Without a search it reads no more than the page: an
 * index of each large kind has the order. A search reads all gaps once, and counts what it finds.
 */
export async function listCoverage(
  tx: TenantDb,
  tenantId: string,
  { kind, isIgnored, text }: CoverageFilter,
  { after, limit }: { after: KeyValues | undefined; limit: number },
): Promise<CoverageRow[]> {
  const fitting = sql`(${gaps[kind](tenantId)}) g
    left join coverage_ignores i on i.tenant_id = ${tenantId} and i.kind = ${kind} and i.subject_id = g.id
    where i.subject_id is ${isIgnored ? sql`not null` : sql`null`}`;
  // No name is null; the condition lets the index of devices serve.
  const page = sql`g.name_key is not null and ${after === undefined ? sql`true` : isBeyond(coverageKeys, after)}
    order by ${keyOrder(coverageKeys)} limit ${limit}`;
  const search =
    text === undefined
      ? undefined
      : sql`, found as materialized (
          select g.id, g.name_key from ${fitting} and ${isNamed(tenantId, kind, text)}
        ), chosen as materialized (select g.id from found g where ${page})`;
  return queryRows<CoverageRow>(
    tx,
    sql`
      with recursive ${decidedGroups(tenantId)}${search ?? sql``}
      select g.id, g.name, g.reason, g.detail, g.client_id as "clientId", g.integration_id as "connectionId",
        g.provider, i.note, i.actor as "ignoredBy", i.created_at as "ignoredAt", ${keyValues(coverageKeys)} as keys,
        ${search === undefined ? sql`null::int` : sql`(select count(*)::int from found)`} as found
      from ${fitting} and ${search === undefined ? page : sql`g.id in (select id from chosen) order by ${keyOrder(coverageKeys)}`}`,
  );
}

/** The name of a gap; undefined if there is no such gap. */
export async function findGap(
  tx: TenantDb,
  tenantId: string,
  kind: CoverageKind,
  id: string,
): Promise<string | undefined> {
  const [row] = await queryRows<{ name: string }>(
    tx,
    sql`with recursive ${decidedGroups(tenantId)}
        select g.name from (${gaps[kind](tenantId)}) g where g.id = ${id}`,
  );
  return row?.name;
}

/** Ignores a gap, or changes the note on an ignored one. */
export async function ignoreGap(
  tx: TenantDb,
  row: { tenantId: string; kind: CoverageKind; subjectId: string; note: string; actor: string },
): Promise<void> {
  await tx
    .insert(coverageIgnores)
    .values(row)
    .onConflictDoUpdate({
      target: [coverageIgnores.tenantId, coverageIgnores.kind, coverageIgnores.subjectId],
      set: { note: row.note, actor: row.actor },
    });
}

/** Stops ignoring a gap. Returns false if it was not ignored. */
export async function unignoreGap(
  tx: TenantDb,
  tenantId: string,
  kind: CoverageKind,
  subjectId: string,
): Promise<boolean> {
  const rows = await tx
    .delete(coverageIgnores)
    .where(
      and(
        eq(coverageIgnores.tenantId, tenantId),
        eq(coverageIgnores.kind, kind),
        eq(coverageIgnores.subjectId, subjectId),
      ),
    )
    .returning({ id: coverageIgnores.id });
  return rows.length > 0;
}
