import { and, asc, count, desc, eq, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import {
  assetDetails,
  assets,
  clientContacts,
  clients,
  clientSites,
  rmmAlerts,
  rmmDeviceUpdates,
  rmmIntegrations,
  rmmOrganizationMappings as groups,
  tenantExternalEntityMappings as entities,
} from "../../schema";
import { byName } from "../shared/by-name";
import { isBeyond, keyOrder, keyValues, type KeyValues, type SortKey } from "../shared/keyset";

/** An asset with its details and its client; undefined if the tenant has no such asset. */
export async function readAssetRow(tx: TenantDb, tenantId: string, assetId: string) {
  const [row] = await tx
    .select({
      asset: assets,
      details: assetDetails,
      client: { id: clients.id, name: clients.name, archivedAt: clients.archivedAt },
      site: { id: clientSites.id, name: clientSites.name, address: clientSites.address },
      contact: {
        id: clientContacts.id,
        name: clientContacts.name,
        email: clientContacts.email,
        phone: clientContacts.phone,
      },
    })
    .from(assets)
    .leftJoin(assetDetails, eq(assetDetails.assetId, assets.id))
    .leftJoin(clients, eq(clients.id, assets.clientId))
    .leftJoin(clientSites, and(eq(clientSites.tenantId, assets.tenantId), eq(clientSites.id, assets.siteId)))
    .leftJoin(
      clientContacts,
      and(eq(clientContacts.tenantId, assets.tenantId), eq(clientContacts.id, assets.contactId)),
    )
    .where(and(eq(assets.tenantId, tenantId), eq(assets.id, assetId)));
  return row;
}

/** The devices that are or were linked to the asset: listed ones first, then those observed last. */
export const listAssetDevices = (tx: TenantDb, tenantId: string, assetId: string) =>
  tx
    .select({
      connectionId: entities.connectionId,
      integration: rmmIntegrations.label,
      provider: entities.integrationType,
      instanceUrl: rmmIntegrations.instanceUrl,
      groupPath: groups.path,
      isConnected: sql<boolean>`${rmmIntegrations.status} <> 'disconnected'`,
      goneGraceDays: rmmIntegrations.goneGraceDays,
      externalId: entities.externalId,
      displayName: entities.displayName,
      agentStatus: entities.agentStatus,
      lastSeenAt: entities.lastSeenAt,
      lastRebootAt: entities.lastRebootAt,
      uptimeSeconds: entities.uptimeSeconds,
      observedAt: entities.observedAt,
      goneAt: entities.goneAt,
      goneReason: entities.goneReason,
      syncFailedAt: entities.syncFailedAt,
      syncError: entities.syncError,
      reported: entities.reported,
      reportedClient: sql<string | null>`(
        select name from clients c
        where c.tenant_id = ${entities.tenantId} and c.id = (${entities.reported} ->> 'clientId')::uuid)`,
      link: entities.link,
      createdAt: entities.createdAt,
    })
    .from(entities)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, entities.connectionId))
    .leftJoin(
      groups,
      and(
        eq(groups.tenantId, entities.tenantId),
        eq(groups.connectionId, entities.connectionId),
        eq(groups.externalId, entities.externalGroupId),
      ),
    )
    .where(and(eq(entities.tenantId, tenantId), eq(entities.assetId, assetId)))
    .orderBy(sql`${entities.goneAt} is not null`, desc(entities.observedAt));

const ofItsDevice = and(
  eq(entities.tenantId, rmmDeviceUpdates.tenantId),
  eq(entities.connectionId, rmmDeviceUpdates.connectionId),
  eq(entities.externalId, rmmDeviceUpdates.externalDeviceId),
);

const isPendingOn = (tenantId: string, assetId: string) =>
  and(
    eq(rmmDeviceUpdates.tenantId, tenantId),
    eq(entities.assetId, assetId),
    eq(rmmDeviceUpdates.isAvailable, true),
  );

const updateColumns = {
  id: rmmDeviceUpdates.id,
  name: rmmDeviceUpdates.name,
  category: rmmDeviceUpdates.category,
  version: rmmDeviceUpdates.version,
  kbIds: rmmDeviceUpdates.kbIds,
  sizeBytes: rmmDeviceUpdates.sizeBytes,
  error: rmmDeviceUpdates.error,
  publishedOn: rmmDeviceUpdates.publishedOn,
  firstSeenAt: rmmDeviceUpdates.createdAt,
  availableSince: rmmDeviceUpdates.availableSince,
};

/** The sort keys of an asset's updates: those pending for longest first. */
export const assetUpdateKeys: SortKey[] = [
  { expression: rmmDeviceUpdates.availableSince, kind: "instant", isDescending: false, isNullable: false },
  { expression: rmmDeviceUpdates.id, kind: "id", isDescending: false, isNullable: false },
];

/** The updates pending on an asset's devices, those pending for longest first: at most `limit`, after a position. */
export const listUpdatesOfAsset = (
  tx: TenantDb,
  tenantId: string,
  assetId: string,
  { after, limit }: { after: KeyValues | undefined; limit: number },
) =>
  tx
    .select({
      ...updateColumns,
      key: sql<string>`${rmmDeviceUpdates.patchKey}`,
      keys: sql<string[]>`${keyValues(assetUpdateKeys)}`,
    })
    .from(rmmDeviceUpdates)
    .innerJoin(entities, ofItsDevice)
    .where(
      and(isPendingOn(tenantId, assetId), after === undefined ? undefined : isBeyond(assetUpdateKeys, after)),
    )
    .orderBy(keyOrder(assetUpdateKeys))
    .limit(limit);

/** A page of the updates pending on an asset's devices, those pending for longest first. */
export const listAssetUpdates = (
  tx: TenantDb,
  tenantId: string,
  assetId: string,
  page: { limit: number; offset: number },
) =>
  tx
    .select(updateColumns)
    .from(rmmDeviceUpdates)
    .innerJoin(entities, ofItsDevice)
    .where(isPendingOn(tenantId, assetId))
    .orderBy(asc(rmmDeviceUpdates.availableSince), byName(rmmDeviceUpdates.name), asc(rmmDeviceUpdates.id))
    .limit(page.limit)
    .offset(page.offset);

/** The number of updates pending on the asset's devices. */
export async function countAssetUpdates(tx: TenantDb, tenantId: string, assetId: string): Promise<number> {
  const [row] = await tx
    .select({ total: count() })
    .from(rmmDeviceUpdates)
    .innerJoin(entities, ofItsDevice)
    .where(isPendingOn(tenantId, assetId));
  return row!.total;
}

/** The asset's alerts, at most `limit`: active ones first, then the latest. */
export const listAssetAlerts = (tx: TenantDb, tenantId: string, assetId: string, limit: number) =>
  tx
    .select({
      id: rmmAlerts.id,
      name: rmmAlerts.name,
      description: rmmAlerts.description,
      severity: rmmAlerts.severity,
      status: rmmAlerts.status,
      startedAt: rmmAlerts.startedAt,
      resolvedAt: rmmAlerts.resolvedAt,
    })
    .from(rmmAlerts)
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.assetId, assetId)))
    .orderBy(asc(rmmAlerts.status), sql`${rmmAlerts.startedAt} desc nulls last`)
    .limit(limit);
