import type { TenantDb } from "@db/client";
import type { GoneDevice } from "@db/queries/device-sync/gone";
import { refreshPendingPatches } from "@db/queries/device-sync/updates";
import type { AppliedChange } from "@db/queries/review/held";
import type { ConnectionRef } from "@domain/refs";

import { emit } from "./emit";

/** As many events as fit well into one statement. */
const BATCH_SIZE = 5_000;

/**
 * Publishes, in the transaction that made it so, that assets changed outside of a page: their name, client, patches or
 * whether they are there.
 */
export async function announceUpdated(
  tx: TenantDb,
  tenantId: string,
  changes: AppliedChange[],
  now: Date,
): Promise<void> {
  for (let i = 0; i < changes.length; i += BATCH_SIZE) {
    const events = changes.slice(i, i + BATCH_SIZE).map(({ integrationId, assetId, externalId }) => ({
      name: "RMM_DEVICE_UPDATED" as const,
      data: { tenantId, integrationId, assetId, externalDeviceId: externalId },
    }));
    await emit(tx, events, now);
  }
}

/** Publishes that devices went, of those that have an asset. Returns how many went in all. */
export async function announceGone(
  tx: TenantDb,
  { tenantId, integrationId }: ConnectionRef,
  gone: readonly GoneDevice[],
  now: Date,
): Promise<number> {
  const changes = gone.flatMap(({ assetId, externalId }) =>
    assetId === null ? [] : [{ integrationId, assetId, externalId }],
  );
  await announceUpdated(tx, tenantId, changes, now);
  return gone.length;
}

/** Counts the pending updates anew (see `refreshPendingPatches`) and publishes where their number changed. */
export async function recountPatches(
  tx: TenantDb,
  scope: ConnectionRef,
  now: Date,
  externalDeviceId?: string,
): Promise<number> {
  const { total, changed } = await refreshPendingPatches(tx, scope, now, externalDeviceId);
  const { tenantId, integrationId } = scope;
  await announceUpdated(
    tx,
    tenantId,
    changed.map((device) => ({ ...device, integrationId })),
    now,
  );
  return total;
}
