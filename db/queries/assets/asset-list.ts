import { sql, type SQL } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import type { AgentStatus, AssetStatus, AssetType } from "../../schema";
import { isBeyond, isPastPlace, keyOrder, keyValues, type KeyValues, type SortKey } from "../shared/keyset";
import { assetCondition, conditionsOf, hasText, isWhole, type AssetFilter } from "./asset-filter";
import { assetKeys, clientKeys, joinClientKeys, type AssetOrder } from "./asset-order";
import { walkClients } from "./by-client";

export interface AssetQuery {
  filter: AssetFilter;
  order: AssetOrder;
}

/**
 * Which rows of a list to read: those after or before a position, or from an offset counted from the start or the end.
 */
export type Stretch = { limit: number } & (
  { after: KeyValues } | { before: KeyValues } | { offset: number } | { offsetFromEnd: number }
);

export interface AssetListRow {
  id: string;
  name: string;
  assetType: AssetType;
  status: AssetStatus;
  clientId: string | null;
  client: string | null;
  siteId: string | null;
  site: string | null;
  contactId: string | null;
  contact: string | null;
  serialNumber: string | null;
  location: string | null;
  osType: string | null;
  osVersion: string | null;
  /** The full name, such as "Windows Server 2022 Standard". */
  osName: string | null;
  lanIp: string | null;
  user: string | null;
  patches: number | null;
  findings: string[];
  model: string | null;
  tags: string[] | null;
  diskPercent: number | null;
  securityScore: number | null;
  agentStatus: AgentStatus | null;
  lastSeenAt: Date | null;
  /** The row's position in the order. */
  keys: KeyValues;
  /** How many assets a search finds from the position on; null if the list is not searched. */
  found: number | null;
  /** How many assets contain the text, whatever else the filter asks for; null unless the caller asked for it. */
  haveText: number | null;
}

/**
 * Reads part of the list, with the columns that it shows, in its order; one statement.
 * @param countsText whether the search also counts, in the same pass, how many assets contain the text
 */
export async function listAssetRows(
  tx: TenantDb,
  tenantId: string,
  { filter, order }: AssetQuery,
  stretch: Stretch,
  countsText = false,
): Promise<AssetListRow[]> {
  const keys = assetKeys(order);
  const isFromEnd = "before" in stretch || "offsetFromEnd" in stretch;
  const offset =
    "offset" in stretch ? stretch.offset : "offsetFromEnd" in stretch ? stretch.offsetFromEnd : 0;
  const place =
    "after" in stretch
      ? { values: stretch.after, isBefore: false }
      : "before" in stretch
        ? { values: stretch.before, isBefore: true }
        : undefined;
  const condition = assetCondition(tenantId, filter);
  const { limit } = stretch;
  const beyond = place === undefined ? sql`` : sql`and ${isBeyond(keys, place.values, place.isBefore)}`;
  const slice = (of: SortKey[]) =>
    sql`order by ${keyOrder(of, isFromEnd)} limit ${limit}::int offset ${offset}::int`;
  const { text } = filter;
  const kept = keys.map((key, n) => ({ ...key, expression: sql.raw(`k${n}`) }));
  const chosen =
    text !== undefined
      ? sql`select asset_id from texts where fits ${slice(kept)}`
      : order.sort === "client" && isWhole(filter)
        ? walkClients({ keys, condition, place, isFromEnd, limit, offset })
        : sql`select l.asset_id from ${listed(order)} where ${condition} ${beyond} ${slice(keys)}`;
  const search =
    text === undefined ? sql`` : sql`${searched(tenantId, { filter, order }, text, beyond, countsText)}, `;
  // Sorts ids alone; the outer query reads the rest for the chosen assets only.
  const rows = await queryRows<Omit<AssetListRow, "lastSeenAt"> & { seenMs: number | null }>(
    tx,
    sql`with ${clientKeys(tenantId)}, ${search}chosen as materialized (${chosen}), placed as (select *, row_number() over () as place from chosen)
        select a.id, a.name, a.asset_type as "assetType", a.status, a.client_id as "clientId", c.name as client,
          a.site_id as "siteId", s.name as site, a.contact_id as "contactId", o.name as contact,
          a.serial_number as "serialNumber", a.location, d.os_type as "osType", d.os_version as "osVersion",
          d.system_info ->> 'osName' as "osName", d.lan_ip as "lanIp", d.last_logged_in_user as "user",
          d.pending_os_patches as patches, coalesce(d.findings, '{}') as findings,
          nullif(concat_ws(' ', d.system_info ->> 'manufacturer', d.system_info ->> 'model'), '') as model,
          case when jsonb_typeof(d.system_info -> 'tags') = 'array' then d.system_info -> 'tags' end as tags,
          l.disk_percent as "diskPercent", l.security_score as "securityScore", l.agent_status as "agentStatus",
          (extract(epoch from l.last_seen_at) * 1000)::float8 as "seenMs", ${keyValues(keys)} as keys,
          ${text === undefined ? sql`null::int` : sql`(select found from counted)`} as found,
          ${text !== undefined && countsText ? sql`(select texts from counted)` : sql`null::int`} as "haveText"
        from placed p join ${listed(order)} on l.asset_id = p.asset_id
        join assets a on a.id = l.asset_id
        left join asset_details d on d.asset_id = l.asset_id
        left join clients c on c.id = a.client_id
        left join client_sites s on s.tenant_id = a.tenant_id and s.id = a.site_id
        left join client_contacts o on o.tenant_id = a.tenant_id and o.id = a.contact_id
        order by p.place`,
  );
  const shown = rows.map(({ seenMs, ...row }) => ({
    ...row,
    lastSeenAt: seenMs === null ? null : new Date(seenMs),
  }));
  return isFromEnd ? shown.reverse() : shown;
}

/**
 * The CTEs `texts`, the assets that contain the text with their sort keys, and `counted`. No index finds a text, so one
 * pass finds all of them, whatever the order and the rest of the filter.
 * @param beyond a further condition, for a page in the middle of the list
 * @param countsText whether `texts` also has those that the rest of the filter drops, marked by `fits`
 */
function searched(
  tenantId: string,
  { filter, order }: AssetQuery,
  text: string,
  beyond: SQL,
  countsText: boolean,
): SQL {
  const rest = { ...filter, text: undefined };
  const isAlone = isWhole(rest) && (order.sort === "name" || order.sort === "added");
  const others = isAlone
    ? sql`${rest.state === "all" ? sql`true` : sql`l.is_current`} ${beyond}`
    : sql`${assetCondition(tenantId, rest)} ${beyond}`;
  const keys = assetKeys(order).map(({ expression }, n) => sql`${expression} as ${sql.raw(`k${n}`)}`);
  return sql`texts as materialized (
      select l.asset_id, ${sql.join(keys, sql`, `)}, ${countsText ? sql`(${others})` : sql`true`} as fits
      from ${isAlone ? sql`asset_texts l` : listed(order)}
      where l.tenant_id = ${tenantId} and ${countsText ? hasText(text) : sql`${others} and ${hasText(text)}`}
    ), counted as materialized (
      select (count(*) filter (where fits))::int as found, count(*)::int as texts from texts
    )`;
}

/** How many assets each part of a filter finds on its own. */
type PartCounts = Partial<Record<keyof AssetFilter, number>>;

/**
 * How many assets match, how many of them lie beyond the given position, and, with `withParts`, how many each part of
 * the filter finds on its own. One statement, and one pass over the list.
 */
export async function countAssets(
  tx: TenantDb,
  tenantId: string,
  { filter, order }: AssetQuery,
  place: { after: KeyValues } | { before: KeyValues } | undefined,
  withParts: boolean,
): Promise<{ total: number; beyond: number; parts: PartCounts }> {
  const keys = assetKeys(order);
  const beyond = isPastPlace(keys, place ?? "first");
  const from = place === undefined ? sql`asset_list l` : listed(order);
  const asked = Object.entries(conditionsOf(tenantId, filter)).flatMap(([name, condition]) =>
    condition === undefined ? [] : [{ name, condition }],
  );
  const flag = (n: number) => sql.raw(`r.p${n}`);
  const [only, ...more] = asked;
  // A single condition finds exactly the total, and counting that alone reads no other columns.
  const isSeveral = more.length > 0;
  const [row] = await queryRows<{ total: number; beyond: number; parts: PartCounts }>(
    tx,
    withParts && isSeveral
      ? sql`with ${clientKeys(tenantId)}
          select count(*) filter (where ${sql.join(
            asked.map((_, n) => flag(n)),
            sql` and `,
          )})::int as total, (count(*) filter (where r.beyond and ${sql.join(
            asked.map((_, n) => flag(n)),
            sql` and `,
          )}))::int as beyond, json_build_object(${sql.join(
            asked.map(({ name }, n) => sql`${name}::text, count(*) filter (where ${flag(n)})`),
            sql`, `,
          )}) as parts
          from (
            select ${sql.join(
              asked.map(({ condition }, n) => sql`(${condition}) as ${sql.raw(`p${n}`)}`),
              sql`, `,
            )}, (${beyond}) as beyond
            from ${from} where l.tenant_id = ${tenantId} offset 0
          ) r`
      : sql`with ${clientKeys(tenantId)}
          select count(*)::int as total, (count(*) filter (where ${beyond}))::int as beyond, '{}'::json as parts
          from ${from} where ${assetCondition(tenantId, filter)}`,
  );
  const counted = row!;
  return withParts && only !== undefined && !isSeveral
    ? { ...counted, parts: { [only.name]: counted.total } }
    : counted;
}

const listed = (order: AssetOrder): SQL => sql`asset_list l ${joinClientKeys(order)}`;
