import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import { recordAudit, type AuditEntry } from "@db/queries/audit";
import {
  attachAlertsToAssets,
  listKnownDevices,
  releaseAssets,
  updateLiveness,
  upsertDevices,
  upsertSkippedDevices,
  type DeviceWrite,
  type KnownDevice,
  type SkippedWrite,
} from "@db/queries/devices";
import { listGroups } from "@db/queries/groups";
import { deviceContentHash } from "~/domain/content-hash";
import { planDevice } from "~/domain/device-plan";
import type { OutgoingEvent } from "~/domain/events";
import { clientForDevice, resolveClients, type ClientResolution } from "~/domain/group-tree";
import type { DeviceSnapshot } from "~/domain/snapshots";
import type { ProviderPage } from "~/integrations/rmm-provider";

import { emit } from "../request-sync";
import type { OpenResource, PageScope, Resource, WriteCounts } from "./resource";

/** The account's devices: assets with details of the clients that their groups resolve to. */
export const devicesResource: Resource<DeviceSnapshot> = {
  name: "devices",
  tables: ["assets", "asset_details", "tenant_external_entity_mappings"],
  isOptional: false,
  async open(_deps, tx, run): Promise<OpenResource<DeviceSnapshot>> {
    const clients = resolveClients(await listGroups(tx, run.tenantId, run.integrationId));
    return {
      list: (provider, walk) => provider.listDevices({}, walk),
      idOf: (device) => device,
      write: (pageTx, scope, page) => writeDevices(pageTx, scope, page, clients),
    };
  },
};

/**
 * Writes a page of devices: one read of what is known, then one statement per kind of change that occurs.
 * @param clients the client of each group, see `resolveClients`
 */
export async function writeDevices(
  tx: TenantDb,
  scope: PageScope,
  page: Pick<ProviderPage<DeviceSnapshot>, "items" | "observedAt">,
  clients: ReadonlyMap<string, ClientResolution>,
): Promise<WriteCounts> {
  const { tenantId, integrationId } = scope;
  const devices = lastOfEach(page.items);
  const known = new Map<string, KnownDevice>();
  const ids = devices.map((device) => device.externalId);
  for (const row of await listKnownDevices(tx, tenantId, integrationId, ids)) known.set(row.externalId, row);

  const created: DeviceWrite[] = [];
  const updated: DeviceWrite[] = [];
  const touched: { mappingId: string; liveness: DeviceSnapshot["liveness"] }[] = [];
  const skippedWrites: SkippedWrite[] = [];
  const released: string[] = [];
  const moved: AuditEntry[] = [];
  let skipped = 0;
  for (const snapshot of devices) {
    const before = known.get(snapshot.externalId);
    const contentHash = deviceContentHash(snapshot);
    const clientIsHeld = before?.heldFields?.includes("client") ?? false;
    const plan = planDevice(before && { ...before, clientIsHeld }, {
      snapshot,
      contentHash,
      client: clientForDevice(clients, snapshot.externalGroupId),
      observedMs: page.observedAt.getTime(),
    });
    const mappingId = before?.mappingId ?? uuidv7();
    switch (plan.action) {
      case "create":
      case "update": {
        const assetId = before?.assetId ?? uuidv7();
        const write = { ...snapshot, mappingId, assetId, clientId: plan.clientId, contentHash };
        if (before?.clientId != null && before.clientId !== plan.clientId && !clientIsHeld) {
          moved.push(moveEntry(scope, write, before.clientId));
        }
        (plan.action === "create" ? created : updated).push(write);
        break;
      }
      case "touch":
        touched.push({ mappingId, liveness: snapshot.liveness });
        break;
      case "nothing":
        break;
      case "skip":
        skipped++;
        if (plan.write) {
          skippedWrites.push({ ...snapshot, mappingId, contentHash, reason: plan.reason });
          if (before?.assetId != null) released.push(before.assetId);
        }
        break;
    }
  }

  const context = {
    tenantId,
    integrationId,
    integrationType: scope.provider,
    observedAt: page.observedAt,
    now: scope.now,
  };
  await upsertDevices(tx, context, [...created, ...updated]);
  await upsertSkippedDevices(tx, context, skippedWrites);
  await releaseAssets(tx, context, released);
  await updateLiveness(tx, context, touched);
  await recordAudit(tx, ...moved);
  await attachAlertsToAssets(tx, tenantId, integrationId, created);
  await emit(
    tx,
    [...events("RMM_DEVICE_CREATED", scope, created), ...events("RMM_DEVICE_UPDATED", scope, updated)],
    scope.now,
  );
  return { created: created.length, updated: updated.length, skipped };
}

/** An asset never goes from one client to another in silence, whether the mapping or the device's group changed. */
const moveEntry = (scope: PageScope, device: DeviceWrite, fromClientId: string): AuditEntry => ({
  tenantId: scope.tenantId,
  actor: scope.run.actor,
  action: "asset.moved",
  targetType: "asset",
  targetId: device.assetId,
  details: { name: device.name, fromClientId, toClientId: device.clientId, runId: scope.run.id },
});

/** A list that moves under the walk may hold a device twice; one statement cannot write a row twice. */
function lastOfEach(devices: DeviceSnapshot[]): DeviceSnapshot[] {
  const byId = new Map(devices.map((device) => [device.externalId, device]));
  return byId.size === devices.length ? devices : [...byId.values()];
}

function events(
  name: "RMM_DEVICE_CREATED" | "RMM_DEVICE_UPDATED",
  { tenantId, integrationId }: PageScope,
  devices: DeviceWrite[],
): OutgoingEvent[] {
  return devices.map(({ assetId, externalId }) => ({
    name,
    data: { tenantId, integrationId, assetId, externalDeviceId: externalId },
  }));
}
