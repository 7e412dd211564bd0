import { sql } from "drizzle-orm";

import type { WebhookAuthScheme } from "@domain/webhook-auth";

import { queryRows, type TenantDb } from "../../client";
import { textArray, uuidArray } from "../shared/arrays";
import { byName } from "../shared/by-name";

/**
 * The numbers on a connection's pages, read in one statement. Apart from `goneGroups`, they leave out gone groups and
 * devices.
 */
export interface ConnectionCounts {
  groups: number;
  /** Groups with a client of their own. */
  mappedGroups: number;
  /** Groups that inherit the client of a group above them. */
  inheritingGroups: number;
  /** Groups that are excluded, themselves or by a group above them. */
  excludedGroups: number;
  goneGroups: number;
  devices: number;
  /** Devices with an asset of a client. */
  withClient: number;
  /** Smaller than the number of devices if two of them are one machine. */
  assets: number;
  activeAlerts: number;
  /** Devices without an asset of a client, for any reason. Equals the length of their list. */
  withoutClient: number;
}

/** Counts the groups, devices, assets and alerts of a connection. */
export async function countConnection(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<ConnectionCounts> {
  const [row] = await queryRows<ConnectionCounts>(
    tx,
    sql`with recursive own as (
          select external_id, parent_external_id, gone_at,
            case when state = 'mapped' and client_id is not null then 'mapped'
                 when state = 'excluded' then 'excluded' end as decision
          from rmm_organization_mappings
          where tenant_id = ${tenantId} and integration_id = ${connectionId}
        ), decided as ( -- a group that decides nothing takes what is decided above it; union, not union all: of cycles, too
          select external_id, gone_at, decision, true as "isOwn" from own where decision is not null
          union
          select own.external_id, own.gone_at, decided.decision, false
          from decided join own on own.parent_external_id = decided.external_id and own.decision is null
        )
        select g.*, by_decision.*, d.*, a.* from
          (select (count(*) filter (where gone_at is null))::int as groups,
             (count(*) filter (where gone_at is not null))::int as "goneGroups"
           from own) g,
          (select (count(*) filter (where decision = 'mapped' and "isOwn"))::int as "mappedGroups",
             (count(*) filter (where decision = 'mapped' and not "isOwn"))::int as "inheritingGroups",
             (count(*) filter (where decision = 'excluded'))::int as "excludedGroups"
           from decided where gone_at is null) by_decision,
          (select count(*)::int as devices,
             (count(*) filter (where asset_id is not null and skip_reason is null))::int as "withClient",
             count(distinct case when skip_reason is null then asset_id end)::int as assets,
             (count(*) filter (where skip_reason is not null))::int as "withoutClient"
           from tenant_external_entity_mappings
           where tenant_id = ${tenantId} and integration_id = ${connectionId} and external_type = 'device'
             and gone_at is null) d,
          (select count(*)::int as "activeAlerts" from rmm_alerts
           where tenant_id = ${tenantId} and integration_id = ${connectionId} and status = 'active') a`,
  );
  return row!;
}

/** The connection, among the given ones, that lists a group with one of these ids; undefined if none does. */
export async function findConnectionOfGroups(
  tx: TenantDb,
  tenantId: string,
  connectionIds: string[],
  groupIds: string[],
): Promise<string | undefined> {
  const [row] = await queryRows<{ id: string }>(
    tx,
    sql`select integration_id as id from rmm_organization_mappings
        where tenant_id = ${tenantId} and integration_id = any(${uuidArray(connectionIds)})
          and gone_at is null and external_id = any(${textArray(groupIds)})
        order by 1 limit 1`,
  );
  return row?.id;
}

/**
 * Other connections of the tenant to the same account at the provider: both list the same group id, which no two
 * accounts share, or the key showed it when somebody saved it.
 */
export async function listDuplicateConnections(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<{ id: string; label: string }[]> {
  return queryRows<{ id: string; label: string }>(
    tx,
    sql`select duplicate.id, duplicate.label
        from rmm_integrations own
        join rmm_integrations duplicate on duplicate.tenant_id = own.tenant_id and duplicate.provider = own.provider
          and duplicate.id <> own.id and duplicate.status <> 'disconnected'
        where own.tenant_id = ${tenantId} and own.id = ${connectionId} and own.status <> 'disconnected'
          and (own.same_account_as = duplicate.id or duplicate.same_account_as = own.id or exists (
            select from rmm_organization_mappings g join rmm_organization_mappings t
              on t.tenant_id = g.tenant_id and t.integration_id = duplicate.id and t.external_id = g.external_id
            where g.tenant_id = ${tenantId} and g.integration_id = own.id
              and g.gone_at is null and t.gone_at is null))
        order by ${byName(sql`duplicate.label`)}, duplicate.id`,
  );
}

/** When the webhook last received a delivery by each method. */
export interface WebhookReceived {
  scheme: WebhookAuthScheme;
  /** An ISO 8601 instant. */
  lastAt: string;
}

/** When the webhook last received a delivery, by auth scheme. */
export async function lastReceivedByScheme(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<WebhookReceived[]> {
  const rows = await queryRows<{ scheme: WebhookReceived["scheme"]; lastMs: number }>(
    tx,
    sql`select way as scheme, (extract(epoch from max(greatest(received_at, last_duplicate_at))) * 1000)::float8 as "lastMs"
        from rmm_webhook_deliveries
        where tenant_id = ${tenantId} and integration_id = ${connectionId}
          and event_type is distinct from 'plumbline.test' -- sent from here: no sign of the provider
        group by way`,
  );
  return rows.map(({ scheme, lastMs }) => ({ scheme, lastAt: new Date(lastMs).toISOString() }));
}

/** Whether we know a device of the connection with this id. */
export async function isKnownDevice(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  externalId: string,
): Promise<boolean> {
  const rows = await queryRows(
    tx,
    sql`select 1 from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and external_type = 'device'
          and external_id = ${externalId}`,
  );
  return rows.length > 0;
}
