import type { TenantDb } from "@db/client";
import type { GoneDevice } from "@db/queries/device-sync/gone";
import { refreshPendingPatches } from "@db/queries/device-sync/updates";
import type { AppliedChange } from "@db/queries/review/held";
import type { ConnectionRef } from "@domain/refs";

import { emit } from "./emit";

/** The most events that one statement writes. */
const BATCH_SIZE = 5_000;

/**
 * Publishes changes of assets that no page of a sync made (name, client, patches or existence), in the transaction of
 * the change.
 */
export async function announceUpdated(
  tx: TenantDb,
  tenantId: string,
  changes: AppliedChange[],
  now: Date,
): Promise<void> {
  for (let i = 0; i < changes.length; i += BATCH_SIZE) {
    const events = changes.slice(i, i + BATCH_SIZE).map(({ connectionId, assetId, externalId }) => ({
      name: "RMM_DEVICE_UPDATED" as const,
      data: { tenantId, integrationId: connectionId, assetId, externalDeviceId: externalId },
    }));
    await emit(tx, events, now);
  }
}

/** Publishes that devices are gone, for those with an asset. Returns how many devices are gone in all. */
export async function announceGone(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  gone: readonly GoneDevice[],
  now: Date,
): Promise<number> {
  const changes = gone.flatMap(({ assetId, externalId }) =>
    assetId === null ? [] : [{ connectionId, assetId, externalId }],
  );
  await announceUpdated(tx, tenantId, changes, now);
  return gone.length;
}

/** Counts the pending updates again (see `refreshPendingPatches`) and publishes the numbers that changed. */
export async function recountPatches(
  tx: TenantDb,
  scope: ConnectionRef,
  now: Date,
  externalDeviceId?: string,
): Promise<number> {
  const { total, changed } = await refreshPendingPatches(tx, scope, now, externalDeviceId);
  const { tenantId, connectionId } = scope;
  await announceUpdated(
    tx,
    tenantId,
    changed.map((device) => ({ ...device, connectionId })),
    now,
  );
  return total;
}
