import { sql, type SQL } from "drizzle-orm";

import type { RunStatus, SyncType } from "@domain/sync-words";

import { queryRows, type TenantDb } from "../../client";
import type { AlertSeverity, AssetStatus, AssetType } from "../../schema";
import { textArray } from "../shared/arrays";
import { hasText } from "../assets/asset-filter";
import { byClient, byName } from "../shared/by-name";
import { contains, hasFolded } from "../shared/search";

/** The best matches of each kind. Each function is one statement. `text` must not be empty. */

/** The rank of a match: the exact name first, then names that begin with the text, then all others. */
const byMatch = (name: SQL, text: string): SQL =>
  sql`case when fold_text(${name}) = fold_text(${text}) then 0
    when starts_with(fold_text(${name}), fold_text(${text})) then 1 else 2 end`;

export interface ClientHit {
  id: string;
  name: string;
  isArchived: boolean;
}

/** Clients whose name contains the text: exact and early matches first, archived clients last. */
export const searchClients = (
  tx: TenantDb,
  tenantId: string,
  text: string,
  limit: number,
): Promise<ClientHit[]> =>
  queryRows<ClientHit>(
    tx,
    sql`select id, name, archived_at is not null as "isArchived" from clients
        where tenant_id = ${tenantId} and ${contains(sql`name`, text)}
        order by archived_at is not null, ${byMatch(sql`name`, text)}, ${byClient(sql`name_key`)}, id limit ${limit}`,
  );

export interface AssetHit {
  id: string;
  name: string;
  client: string | null;
  assetType: AssetType;
  status: AssetStatus;
  hostname: string | null;
  serialNumber: string | null;
}

/** Assets that contain the text in any field that the list of assets searches; best matches first. */
export const searchAssets = (
  tx: TenantDb,
  tenantId: string,
  text: string,
  limit: number,
): Promise<AssetHit[]> => {
  // The name is the first line of the searched text.
  const folded = sql`(select fold_text(${text}))`;
  const rank = sql`case when not starts_with(l.search_text, ${folded}) then 2
    when starts_with(l.search_text || E'\\n', (select fold_text(${text}) || E'\\n')) then 0 else 1 end`;
  const order = sql`x.is_current desc, x.rank, x.name_key collate "C", x.asset_id`;
  return queryRows<AssetHit>(
    tx,
    sql`with found as materialized (
          select x.* from (
            select l.asset_id, l.is_current, l.name_key, ${rank} as rank
            from asset_texts l where l.tenant_id = ${tenantId} and ${hasText(text)}
          ) x order by ${order} limit ${limit}
        )
        select a.id, a.name, c.name as client, a.asset_type as "assetType", a.status,
          d.system_info ->> 'hostname' as hostname, a.serial_number as "serialNumber"
        from found x
        join assets a on a.id = x.asset_id
        left join asset_details d on d.asset_id = a.id
        left join clients c on c.id = a.client_id
        order by ${order}`,
  );
};

export interface AlertHit {
  id: string;
  name: string;
  device: string | null;
  severity: AlertSeverity;
  isActive: boolean;
}

/** How many of the latest resolved alerts it searches besides the active ones. The list of alerts searches all. */
const PAST_ALERTS_SEARCHED = 10_000;

/** Alerts that contain the text: active ones first, then others; newest first within both. */
export const searchAlerts = (
  tx: TenantDb,
  tenantId: string,
  text: string,
  limit: number,
): Promise<AlertHit[]> => {
  const since = sql`coalesce(l.started_at, l.observed_at)`;
  const fits = hasFolded(sql`l.search_text`, text);
  return queryRows<AlertHit>(
    tx,
    sql`with active as (
          select l.* from rmm_alerts l where l.tenant_id = ${tenantId} and l.status = 'active' and ${fits}
          order by ${since} desc, l.id desc limit ${limit}::int
        ), latest as (
          select l.* from rmm_alerts l where l.tenant_id = ${tenantId} and l.status = 'resolved'
          order by ${since} desc, l.id desc limit ${PAST_ALERTS_SEARCHED}::int
        )
        select l.id, l.name, coalesce(l.asset_name, l.device_hostname) as device, l.severity,
          l.status = 'active' as "isActive"
        from (
          select * from active
          union all
          (select l.* from latest l where ${fits} order by ${since} desc, l.id desc limit ${limit}::int)
        ) l
        order by l.status = 'active' desc, ${since} desc, l.id desc limit ${limit}::int`,
  );
};

export interface GroupHit {
  id: string;
  name: string;
  path: string;
  provider: string;
  connectionId: string;
  connection: string;
  client: string | null;
}

/** Groups whose name contains the text; best matches first. */
export const searchGroups = (
  tx: TenantDb,
  tenantId: string,
  text: string,
  limit: number,
): Promise<GroupHit[]> =>
  queryRows<GroupHit>(
    tx,
    sql`select g.id, g.name, g.path, i.provider, i.id as "connectionId", i.label as connection, c.name as client
        from rmm_organization_mappings g
        join rmm_integrations i on i.id = g.integration_id
        left join clients c on c.id = g.client_id
        where g.tenant_id = ${tenantId} and g.gone_at is null and i.status <> 'disconnected'
          and ${contains(sql`g.name`, text)}
        order by ${byMatch(sql`g.name`, text)}, ${byName(sql`g.path`)}, g.id limit ${limit}`,
  );

export interface RunHit {
  id: string;
  type: SyncType;
  status: RunStatus;
  connection: string;
  requestedAt: string;
}

/** What the text means as words for runs: the pages' words, translated into stored values. */
export interface RunWords {
  types: SyncType[];
  statuses: RunStatus[];
}

/** Runs found by kind, outcome, connection, person, day (`2026-03-01`) or the beginning of the id; newest first. */
export const searchRuns = (
  tx: TenantDb,
  tenantId: string,
  text: string,
  { types, statuses }: RunWords,
  limit: number,
): Promise<RunHit[]> =>
  queryRows<RunHit>(
    tx,
    sql`select r.id, r.type, r.status, i.label as connection,
          to_char(r.requested_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as "requestedAt"
        from rmm_sync_runs r join rmm_integrations i on i.id = r.integration_id
        where r.tenant_id = ${tenantId} and (r.type = any(${textArray(types)}) or r.status = any(${textArray(statuses)})
          or ${contains(sql`i.label`, text)} or ${contains(sql`r.actor`, text)}
          or starts_with(to_char(r.requested_at at time zone 'UTC', 'YYYY-MM-DD'), ${text})
          or starts_with(r.id::text, lower(${text})))
        order by r.requested_at desc, r.id limit ${limit}`,
  );
