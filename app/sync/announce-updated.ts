import type { TenantDb } from "@db/client";
import type { AppliedChange } from "@db/queries/held";

import { emit } from "./outbox/emit";

/** As many events as fit well into one statement. */
const BATCH_SIZE = 5_000;

/** Publishes, in the transaction that carried them out, that assets were renamed or changed hands. */
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
