import { and, asc, desc, eq, sql } from "drizzle-orm";

import { withTenant, type Db } from "@db/client";
import { listHeldFields } from "@db/queries/assets/differences";
import { listClientNames } from "@db/queries/clients/clients";
import {
  assetDetails,
  assets,
  clients,
  rmmAlerts,
  rmmDeviceUpdates,
  rmmIntegrations,
  tenantExternalEntityMappings as entities,
} from "@db/schema";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { retirementOf } from "@domain/grace";

const UPDATES_SHOWN = 100;
const ALERTS_SHOWN = 20;

/** One asset with everything known of it; null when the tenant has no such asset. Five statements. */
export async function readAsset(db: Db, tenantId: string, assetId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const [row] = await tx
      .select({
        asset: assets,
        details: assetDetails,
        client: { id: clients.id, name: clients.name, archivedAt: clients.archivedAt },
      })
      .from(assets)
      .leftJoin(assetDetails, eq(assetDetails.assetId, assets.id))
      .leftJoin(clients, eq(clients.id, assets.clientId))
      .where(and(eq(assets.tenantId, tenantId), eq(assets.id, assetId)));
    if (row === undefined) return null;
    const devices = await tx
      .select({
        integrationId: entities.integrationId,
        integration: rmmIntegrations.label,
        provider: entities.integrationType,
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
        link: entities.link,
        createdAt: entities.createdAt,
      })
      .from(entities)
      .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, entities.integrationId))
      .where(and(eq(entities.tenantId, tenantId), eq(entities.assetId, assetId)))
      .orderBy(sql`${entities.goneAt} is not null`, desc(entities.observedAt));
    const updates = await tx
      .select({
        id: rmmDeviceUpdates.id,
        name: rmmDeviceUpdates.name,
        category: rmmDeviceUpdates.category,
        version: rmmDeviceUpdates.version,
        kbIds: rmmDeviceUpdates.kbIds,
        sizeBytes: rmmDeviceUpdates.sizeBytes,
        error: rmmDeviceUpdates.error,
        publishedOn: rmmDeviceUpdates.publishedOn,
      })
      .from(rmmDeviceUpdates)
      .innerJoin(
        entities,
        and(
          eq(entities.tenantId, rmmDeviceUpdates.tenantId),
          eq(entities.integrationId, rmmDeviceUpdates.integrationId),
          eq(entities.externalId, rmmDeviceUpdates.externalDeviceId),
        ),
      )
      .where(
        and(
          eq(rmmDeviceUpdates.tenantId, tenantId),
          eq(entities.assetId, assetId),
          eq(rmmDeviceUpdates.isAvailable, true),
        ),
      )
      .orderBy(asc(rmmDeviceUpdates.name), asc(rmmDeviceUpdates.id))
      .limit(UPDATES_SHOWN);
    const alerts = await tx
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
      .limit(ALERTS_SHOWN);
    const { asset } = row;
    const isWaiting = asset.status === "gone" && asset.goneAt !== null;
    return {
      ...row,
      devices,
      updates,
      alerts,
      held: await listHeldFields(tx, tenantId, assetId),
      version: assetVersion(fieldsOf(asset), asset.heldFields),
      retiresAt: isWaiting
        ? retirementOf(
            asset.goneAt!,
            devices.map((device) => device.goneGraceDays),
          )
        : null,
    };
  });
}

/** The clients that an asset may be given to. One statement. */
export const readClientChoices = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, (tx) => listClientNames(tx, tenantId));

export type AssetDetail = NonNullable<Awaited<ReturnType<typeof readAsset>>>;
