import {
  and,
  arrayContains,
  asc,
  count,
  desc,
  eq,
  isNull,
  or,
  sql,
  type SQL,
  type SQLWrapper,
} from "drizzle-orm";

import type { AssetFinding } from "@domain/asset-findings";

import { queryRows, type TenantDb } from "../../client";
import { assetDetails, assets, clients, tenantExternalEntityMappings as entities } from "../../schema";
import { byName } from "../shared/by-name";
import { contains } from "../shared/search";

export const assetStates = ["current", "online", "offline", "patches", "gone", "retired", "all"] as const;
type AssetState = (typeof assetStates)[number];

export const assetPlatforms = ["windows", "macos", "linux", "other"] as const;
export type AssetPlatform = (typeof assetPlatforms)[number];

export const assetSorts = ["name", "client", "system", "patches", "seen"] as const;
type AssetSort = (typeof assetSorts)[number];

export interface AssetFilter {
  text: string | undefined;
  /** `none`: assets without a client. */
  clientId: string | undefined;
  type: "workstation" | "server" | undefined;
  platform: AssetPlatform | undefined;
  /** A version or edition of the operating system, as the list shows it. */
  system: string | undefined;
  finding: AssetFinding | undefined;
  /** Not seen for so many days. */
  unseenDays: number | undefined;
  tag: string | undefined;
  /** With a field that a person set, or without any RMM that knows the asset. */
  special: "overridden" | "unmanaged" | undefined;
  state: AssetState;
}

export interface AssetOrder {
  sort: AssetSort;
  /** The other way round than people read the column first. */
  isReversed: boolean;
}

/** The device that represents an asset: a listed one before a gone one, then the one seen last. */
const deviceOf = (tx: TenantDb) =>
  tx
    .select({
      agentStatus: entities.agentStatus,
      lastSeenAt: entities.lastSeenAt,
      integrationId: entities.integrationId,
    })
    .from(entities)
    .where(and(eq(entities.tenantId, assets.tenantId), eq(entities.assetId, assets.id)))
    .orderBy(sql`${entities.goneAt} is not null`, desc(entities.observedAt))
    .limit(1)
    .as("device");

/**
 * The ids of a page. Separate from the columns shown, so that devices are looked up only for the assets of this page,
 * not for all those before it; sorting by last seen has to look them all up.
 */
function pageOf(
  tx: TenantDb,
  where: SQL | undefined,
  order: AssetOrder,
  page: { limit: number; offset: number },
) {
  const device = deviceOf(tx);
  const query = tx
    .select({ id: assets.id })
    .from(assets)
    .leftJoin(assetDetails, eq(assetDetails.assetId, assets.id))
    .leftJoin(clients, eq(clients.id, assets.clientId))
    .$dynamic();
  return (order.sort === "seen" ? query.leftJoinLateral(device, sql`true`) : query)
    .where(where)
    .orderBy(...orderOf(order, device.lastSeenAt))
    .limit(page.limit)
    .offset(page.offset)
    .as("chosen");
}

/** A page of assets with the columns of the list; one statement. */
export async function listAssetRows(
  tx: TenantDb,
  tenantId: string,
  filter: AssetFilter,
  order: AssetOrder,
  page: { limit: number; offset: number },
) {
  const chosen = pageOf(tx, whereOf(tenantId, filter), order, page);
  const device = deviceOf(tx);
  return tx
    .select({
      id: assets.id,
      name: assets.name,
      assetType: assets.assetType,
      status: assets.status,
      clientId: assets.clientId,
      client: clients.name,
      serialNumber: assets.serialNumber,
      osType: assetDetails.osType,
      osVersion: assetDetails.osVersion,
      lanIp: assetDetails.lanIp,
      user: assetDetails.lastLoggedInUser,
      patches: assetDetails.pendingOsPatches,
      findings: assetDetails.findings,
      model: sql<
        string | null
      >`concat_ws(' ', ${assetDetails.systemInfo} ->> 'manufacturer', ${assetDetails.systemInfo} ->> 'model')`,
      tags: sql<string[] | null>`${assetDetails.systemInfo} -> 'tags'`,
      agentStatus: device.agentStatus,
      lastSeenAt: device.lastSeenAt,
    })
    .from(assets)
    .innerJoin(chosen, eq(chosen.id, assets.id))
    .leftJoin(assetDetails, eq(assetDetails.assetId, assets.id))
    .leftJoin(clients, eq(clients.id, assets.clientId))
    .leftJoinLateral(device, sql`true`)
    .where(eq(assets.tenantId, tenantId))
    .orderBy(...orderOf(order, device.lastSeenAt));
}

export type AssetListRow = Awaited<ReturnType<typeof listAssetRows>>[number];

/** How many assets fit; one statement. */
export async function countAssets(tx: TenantDb, tenantId: string, filter: AssetFilter): Promise<number> {
  const [total] = await tx
    .select({ assets: count() })
    .from(assets)
    .leftJoin(assetDetails, eq(assetDetails.assetId, assets.id))
    .where(whereOf(tenantId, filter));
  return total?.assets ?? 0;
}

/** Tags that assets have, by name, the first so many; one statement. */
export async function listAssetTags(tx: TenantDb, tenantId: string, limit: number): Promise<string[]> {
  const rows = await queryRows<{ tag: string }>(
    tx,
    sql`select tag from (
          select distinct tag from asset_details, jsonb_array_elements_text(system_info -> 'tags') tag
          where tenant_id = ${tenantId} and jsonb_typeof(system_info -> 'tags') = 'array') tags
        order by ${byName(sql`tag`)}, tag limit ${limit}`,
  );
  return rows.map(({ tag }) => tag);
}

function orderOf(
  { sort, isReversed }: AssetOrder,
  lastSeenAt: SQL | SQL.Aliased | ReturnType<typeof deviceOf>["lastSeenAt"],
): SQL[] {
  const [up, down] = isReversed ? [sql`desc`, sql`asc`] : [sql`asc`, sql`desc`];
  const nameFirst = [byName(assets.name), asc(assets.id)];
  switch (sort) {
    case "name":
      return [sql`${byName(assets.name)} ${up}`, sql`${assets.id} ${up}`];
    case "client":
      return [sql`${byName(clients.name)} ${up} nulls last`, ...nameFirst];
    case "system":
      return [
        sql`${assetDetails.osType} ${up} nulls last`,
        sql`${byName(assetDetails.osVersion)} ${up} nulls last`,
        ...nameFirst,
      ];
    case "patches":
      return [sql`${assetDetails.pendingOsPatches} ${down} nulls last`, ...nameFirst];
    case "seen":
      return [sql`${lastSeenAt} ${down} nulls last`, ...nameFirst];
  }
}

function whereOf(tenantId: string, filter: AssetFilter): SQL | undefined {
  return and(
    eq(assets.tenantId, tenantId),
    filter.text === undefined ? undefined : hasText(filter.text),
    filter.type === undefined ? undefined : eq(assets.assetType, filter.type),
    filter.clientId === undefined
      ? undefined
      : filter.clientId === "none"
        ? isNull(assets.clientId)
        : eq(assets.clientId, filter.clientId),
    filter.platform === undefined ? undefined : isPlatform(filter.platform, assetDetails.osType),
    filter.system === undefined ? undefined : contains(assetDetails.osVersion, filter.system),
    filter.finding === undefined ? undefined : arrayContains(assetDetails.findings, [filter.finding]),
    filter.tag === undefined ? undefined : sql`${assetDetails.systemInfo} -> 'tags' ? ${filter.tag}`,
    filter.unseenDays === undefined ? undefined : isUnseen(tenantId, filter.unseenDays),
    filter.special === undefined ? undefined : isSpecial(tenantId, filter.special),
    stateCondition(tenantId, filter.state),
  );
}

const hasText = (text: string): SQL | undefined =>
  or(
    contains(assets.name, text),
    contains(assets.serialNumber, text),
    contains(assetDetails.lanIp, text),
    contains(assetDetails.lastLoggedInUser, text),
    contains(assetDetails.osVersion, text),
    ...["hostname", "manufacturer", "model", "tags"].map((key) =>
      contains(sql`${assetDetails.systemInfo} ->> ${sql.raw(`'${key}'`)}`, text),
    ),
    macIn(text),
  );

/** Twelve hexadecimal digits, however they are written, are a MAC address. */
function macIn(text: string): SQL | undefined {
  const digits = text.toLowerCase().replace(/[^0-9a-f]/g, "");
  return digits.length === 12 ? sql`${assets.macKeys} @> array[${digits}]` : undefined;
}

/** By the first words of the system's name, as RMMs spell it. */
export function isPlatform(platform: AssetPlatform, osType: SQLWrapper): SQL {
  const os = sql`lower(coalesce(${osType}, ''))`;
  switch (platform) {
    case "windows":
      return sql`${os} like 'win%'`;
    case "macos":
      return sql`${os} ~ '^(mac|darwin|os ?x)'`;
    case "linux":
      return sql`${os} like '%linux%'`;
    case "other":
      return sql`${os} !~ '^(win|mac|darwin|os ?x)|linux'`;
  }
}

const isUnseen = (tenantId: string, days: number): SQL => sql`not exists (
  select 1 from tenant_external_entity_mappings m
  where m.tenant_id = ${tenantId} and m.asset_id = ${assets.id} and m.gone_at is null
    and (m.agent_status = 'online' or m.last_seen_at > now() - make_interval(days => ${days}::int)))
  and exists (
    select 1 from tenant_external_entity_mappings m where m.tenant_id = ${tenantId} and m.asset_id = ${assets.id})`;

const isSpecial = (tenantId: string, special: "overridden" | "unmanaged"): SQL =>
  special === "overridden"
    ? sql`cardinality(${assets.heldFields}) > 0`
    : sql`not exists (
        select 1 from tenant_external_entity_mappings m
        where m.tenant_id = ${tenantId} and m.asset_id = ${assets.id})`;

function stateCondition(tenantId: string, state: AssetState): SQL | undefined {
  const active = eq(assets.status, "active");
  // `is true` keeps it a condition of each row: by hash or by index, as the planner sees fit. As a join it becomes a
  // loop within a loop on a database without statistics (a new one): 130 ms instead of 1 for 120 assets.
  const isOnline = sql`exists (
    select 1 from tenant_external_entity_mappings m
    where m.tenant_id = ${tenantId} and m.asset_id = ${assets.id}
      and m.agent_status = 'online' and m.gone_at is null) is true`;
  switch (state) {
    case "current":
      return active;
    case "online":
      return and(active, isOnline);
    case "offline":
      return and(active, sql`not (${isOnline})`);
    case "patches":
      return and(active, sql`${assetDetails.pendingOsPatches} > 0`);
    case "gone":
    case "retired":
      return eq(assets.status, state);
    case "all":
      return undefined;
  }
}
