import { sql, type SQL } from "drizzle-orm";

import { promisedMs } from "../../../domain/freshness";
import { queryRows, type TenantDb } from "../../client";
import { byClient } from "../shared/by-name";
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
  /** Active ones. */
  alerts: number;
  groups: number;
  /** Devices that a schedule promises to confirm, and how many of them were confirmed in time. */
  promised: number;
  fresh: number;
  /** When the connection that is furthest behind last ended a full sync; null without any. */
  syncedAt: string | null;
  /** Of the whole list, not of the page. */
  total: number;
}

/** What a list is sorted by, and whether large comes first. Shares are compared, so that size does not matter. */
const columns: Record<Exclude<ClientSort, "name">, { by: SQL; descends: boolean }> = {
  devices: { by: sql`s.assets`, descends: true },
  online: { by: sql`s.online`, descends: true },
  patches: { by: sql`s.patches`, descends: true },
  alerts: { by: sql`s.alerts`, descends: true },
  fresh: { by: sql`s.fresh::float8 / nullif(s.promised, 0)`, descends: false },
  synced: { by: sql`s.synced_at`, descends: true },
};

function orderOf({ sort, isReversed }: ClientOrder): SQL {
  const name = byClient(sql`s.name_key`);
  if (sort === "name") return isReversed ? sql`${name} desc, s.id desc` : sql`${name}, s.id`;
  const { by, descends } = columns[sort];
  return sql`${by} ${descends !== isReversed ? sql`desc` : sql`asc`} nulls last, ${name}, s.id`;
}

/** A page of clients with what each has; one statement. */
export async function listClientSummaries(
  tx: TenantDb,
  tenantId: string,
  filter: ClientListFilter & { id?: string },
  order: ClientOrder,
  page: { limit: number; offset: number },
  now: Date,
): Promise<ClientSummary[]> {
  const text = filter.text === undefined ? sql`true` : contains(sql`c.name`, filter.text);
  const one = filter.id === undefined ? sql`true` : sql`c.id = ${filter.id}`;
  const ofOne = filter.id === undefined ? sql`true` : sql`l.client_id = ${filter.id}`;
  return queryRows<ClientSummary>(
    tx,
    sql`
      with connections as materialized (
        select id, last_full_sync_at, full_sync_enabled and last_full_sync_at is not null as is_promised,
          last_full_sync_at + make_interval(secs => full_sync_interval_minutes * ${promisedMs(1) / 1000}::float8)
            >= ${now.toISOString()}::timestamptz as is_fresh
        from rmm_integrations where tenant_id = ${tenantId} and status <> 'disconnected'
      ), alerted as (
        select r.asset_id, count(*) as alerts from rmm_alerts r
        where r.tenant_id = ${tenantId} and r.status = 'active' and r.asset_id is not null
        group by r.asset_id
      ), by_connection as materialized (
        select l.client_id, l.integration_id, count(*) filter (where l.status = 'active') as assets,
          count(*) filter (where l.status = 'active' and l.asset_type = 'server') as servers,
          count(*) filter (where l.status = 'active' and l.agent_status = 'online') as online,
          sum(l.pending_patches) filter (where l.status = 'active') as patches, sum(a.alerts) as alerts
        from asset_list l left join alerted a on a.asset_id = l.asset_id
        where l.tenant_id = ${tenantId} and (l.status = 'active' or a.alerts > 0) and ${ofOne}
        group by l.client_id, l.integration_id
      ), owned as materialized (
        select l.client_id, sum(l.assets)::int as assets, sum(l.servers)::int as servers, sum(l.online)::int as online,
          coalesce(sum(l.patches), 0)::int as patches, coalesce(sum(l.alerts), 0)::int as alerts,
          coalesce(sum(l.assets) filter (where i.is_promised), 0)::int as promised,
          coalesce(sum(l.assets) filter (where i.is_promised and i.is_fresh), 0)::int as fresh,
          min(i.last_full_sync_at) filter (where l.assets > 0) as synced_at
        from by_connection l left join connections i on i.id = l.integration_id
        group by l.client_id
      ), mapped as materialized (
        select client_id, count(*)::int as groups from rmm_organization_mappings
        where tenant_id = ${tenantId} and state = 'mapped' and gone_at is null
        group by client_id
      ), s as materialized (
        select c.id, c.name, c.name_key, c.notes, c.archived_at is not null as is_archived, coalesce(o.assets, 0) as assets,
          coalesce(o.servers, 0) as servers, coalesce(o.online, 0) as online, coalesce(o.patches, 0) as patches,
          coalesce(o.alerts, 0) as alerts, coalesce(m.groups, 0) as groups, coalesce(o.promised, 0) as promised,
          coalesce(o.fresh, 0) as fresh, o.synced_at
        from clients c
        left join owned o on o.client_id = c.id
        left join mapped m on m.client_id = c.id
        where c.tenant_id = ${tenantId} and (c.archived_at is not null) = ${filter.archived} and ${text} and ${one}
      )
      select s.id, s.name, s.notes, s.is_archived as "isArchived", s.assets, s.servers, s.online, s.patches, s.alerts,
        s.groups, s.promised, s.fresh, s.synced_at as "syncedAt", (select count(*)::int from s) as total
      from s
      order by ${orderOf(order)}
      limit ${page.limit} offset ${page.offset}`,
  );
}
