import { sql, type SQL } from "drizzle-orm";

import { promisedMs } from "../../../domain/freshness";
import { queryRows, type TenantDb } from "../../client";
import { byClient } from "../shared/by-name";
import { isBeyond, keyOrder, keyValues, type KeyValues, type Slice, type SortKey } from "../shared/keyset";
import { contains } from "../shared/search";
import type { ClientListFilter } from "./clients";

export const clientSorts = ["name", "devices", "online", "patches", "alerts", "fresh", "synced"] as const;
type ClientSort = (typeof clientSorts)[number];

export interface ClientOrder {
  sort: ClientSort;
  isReversed: boolean;
}

export interface ClientSummary {
  id: string;
  name: string;
  notes: string | null;
  isArchived: boolean;
  assets: number;
  servers: number;
  online: number;
  patches: number;
  /** Active alerts. */
  alerts: number;
  groups: number;
  /** Devices covered by a freshness promise, and how many of them were confirmed in time. */
  promised: number;
  fresh: number;
  /** The oldest end of a last full sync among the client's connections; null if there is none. */
  syncedAt: string | null;
  /** The row's position in the order. */
  keys: KeyValues;
  /** The number of clients in the whole list. */
  total: number;
}

/** The active alerts of current and past assets `l`, each with its asset. */
const activeAlerts = (tenantId: string) => sql`rmm_alerts r join asset_list l on l.asset_id = r.asset_id
  where r.tenant_id = ${tenantId} and l.tenant_id = ${tenantId} and r.status = 'active'`;

interface Measure {
  /** Selects `client_id` and `by` for each client that has a value. */
  numbers: (tenantId: string) => SQL;
  kind: "int" | "instant";
  /** Whether larger values come first. */
  descends: boolean;
  /** Whether a client without a value counts as 0; otherwise such clients come last. */
  isCount: boolean;
}

const ofCurrent = (number: SQL) => (tenantId: string) =>
  sql`select l.client_id, ${number}::int as by from asset_list l
      where l.tenant_id = ${tenantId} and l.status = 'active' group by l.client_id`;

/** Aggregates over the connections `i` of a client's active assets; `l.assets` is a connection's number of assets. */
const byConnection = (number: SQL) => (tenantId: string) =>
  sql`select l.client_id, ${number} as by from (
        select l.client_id, l.integration_id, count(*) as assets from asset_list l
        where l.tenant_id = ${tenantId} and l.status = 'active' group by l.client_id, l.integration_id
      ) l join connections i on i.id = l.integration_id group by l.client_id`;

/**
 * The values by which the list can be sorted. For freshness it is a share, so that the client's size does not matter.
 */
const measures: Record<Exclude<ClientSort, "name">, Measure> = {
  devices: { numbers: ofCurrent(sql`count(*)`), kind: "int", descends: true, isCount: true },
  online: {
    numbers: ofCurrent(sql`count(*) filter (where l.agent_status = 'online')`),
    kind: "int",
    descends: true,
    isCount: true,
  },
  patches: { numbers: ofCurrent(sql`sum(l.pending_patches)`), kind: "int", descends: true, isCount: true },
  alerts: {
    numbers: (tenantId) =>
      sql`select l.client_id, count(*)::int as by from ${activeAlerts(tenantId)} group by l.client_id`,
    kind: "int",
    descends: true,
    isCount: true,
  },
  fresh: {
    numbers:
      byConnection(sql`round(100000000 * coalesce(sum(l.assets) filter (where i.is_promised and i.is_fresh), 0)
      / nullif(sum(l.assets) filter (where i.is_promised), 0))::int`),
    kind: "int",
    descends: false,
    isCount: false,
  },
  synced: {
    numbers: byConnection(sql`min(i.last_full_sync_at)`),
    kind: "instant",
    descends: true,
    isCount: false,
  },
};

/** The sort keys of an order, over the matching clients `s`: first the value, then the name. */
export function clientSummaryKeys({ sort, isReversed }: ClientOrder): SortKey[] {
  const isDescending = sort === "name" && isReversed;
  const byName: SortKey[] = [
    { expression: byClient(sql`s.name_key`), kind: "text", isDescending, isNullable: false },
    { expression: sql`s.id`, kind: "id", isDescending, isNullable: false },
  ];
  if (sort === "name") return byName;
  const { kind, descends, isCount } = measures[sort];
  return [
    { expression: sql`s.by`, kind, isDescending: descends !== isReversed, isNullable: !isCount },
    ...byName,
  ];
}

/** The active alerts of each client of the page. */
const alertsOfPage = (tenantId: string): SQL => sql`
  select l.client_id, count(*)::int as alerts from ${activeAlerts(tenantId)}
    and l.client_id in (select id from page)
  group by l.client_id`;

/**
 * A page of clients with their numbers; one statement. Computes the value of the order for all clients, and everything
 * else only for the clients of the page.
 */
export async function listClientSummaries(
  tx: TenantDb,
  tenantId: string,
  filter: ClientListFilter & { id?: string },
  order: ClientOrder,
  { after, limit }: Slice,
  now: Date,
): Promise<ClientSummary[]> {
  const { text, id } = filter;
  const keys = clientSummaryKeys(order);
  const measure = order.sort === "name" ? undefined : measures[order.sort];
  const number =
    measure === undefined ? sql`null::int` : measure.isCount ? sql`coalesce(n.by, 0)` : sql`n.by`;
  return queryRows<ClientSummary>(
    tx,
    sql`
      with connections as materialized (
        select id, last_full_sync_at, full_sync_enabled and last_full_sync_at is not null as is_promised,
          last_full_sync_at + make_interval(secs => full_sync_interval_minutes * ${promisedMs(1) / 1000}::float8)
            >= ${now.toISOString()}::timestamptz as is_fresh
        from rmm_integrations where tenant_id = ${tenantId} and status <> 'disconnected'
      ), fitting as materialized (
        select c.id, c.name_key, ${number} as by
        from clients c
        ${measure === undefined ? sql`` : sql`left join (${measure.numbers(tenantId)}) n on n.client_id = c.id`}
        where c.tenant_id = ${tenantId} and (c.archived_at is not null) = ${filter.archived}
          and ${text === undefined ? sql`true` : contains(sql`c.name`, text)}
          and ${id === undefined ? sql`true` : sql`c.id = ${id}`}
      ), page as materialized (
        select s.*, ${keyValues(keys)} as keys from fitting s
        where ${after === undefined ? sql`true` : isBeyond(keys, after)}
        order by ${keyOrder(keys)} limit ${limit}
      ), by_connection as (
        -- For each client by index: the planner would rather read the whole list.
        select p.id as client_id, l.* from page p cross join lateral (
          select l.integration_id, count(*) as assets, count(*) filter (where l.asset_type = 'server') as servers,
            count(*) filter (where l.agent_status = 'online') as online, sum(l.pending_patches) as patches
          from asset_list l
          where l.tenant_id = ${tenantId} and l.client_id = p.id and l.status = 'active'
          group by l.integration_id) l
      ), owned as materialized (
        select l.client_id, sum(l.assets)::int as assets, sum(l.servers)::int as servers, sum(l.online)::int as online,
          coalesce(sum(l.patches), 0)::int as patches,
          coalesce(sum(l.assets) filter (where i.is_promised), 0)::int as promised,
          coalesce(sum(l.assets) filter (where i.is_promised and i.is_fresh), 0)::int as fresh,
          min(i.last_full_sync_at) as synced_at
        from by_connection l left join connections i on i.id = l.integration_id
        group by l.client_id
      ), alerted as materialized (
        ${order.sort === "alerts" ? sql`select id as client_id, by as alerts from page` : alertsOfPage(tenantId)}
      ), mapped as materialized (
        select client_id, count(*)::int as groups from rmm_organization_mappings
        where tenant_id = ${tenantId} and state = 'mapped' and gone_at is null and client_id in (select id from page)
        group by client_id
      )
      select s.id, c.name, c.notes, c.archived_at is not null as "isArchived", coalesce(o.assets, 0) as assets,
        coalesce(o.servers, 0) as servers, coalesce(o.online, 0) as online, coalesce(o.patches, 0) as patches,
        coalesce(a.alerts, 0) as alerts, coalesce(m.groups, 0) as groups, coalesce(o.promised, 0) as promised,
        coalesce(o.fresh, 0) as fresh, o.synced_at as "syncedAt", s.keys, (select count(*)::int from fitting) as total
      from page s
      join clients c on c.id = s.id
      left join owned o on o.client_id = s.id
      left join alerted a on a.client_id = s.id
      left join mapped m on m.client_id = s.id
      order by ${keyOrder(keys)}`,
  );
}
