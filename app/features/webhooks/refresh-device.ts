import { countDevicesLookedAt } from "@db/queries/webhooks/refresh-requests";
import { devicesByIdAtMost, REFRESH_WINDOW_MS } from "@domain/refresh-limits";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { runRefresh, type RefreshRequest, type Steps } from "./run-refresh";

export interface DeviceRefresh extends RefreshRequest {
  externalDeviceId: string;
  isDeleted: boolean;
}

/**
 * Reads a device again by its id, or requests a full sync if too many devices of the account were requested within a
 * minute.
 * @returns the outcome, for the durable function's result
 */
export async function refreshDevice(
  deps: SyncDeps,
  steps: Steps,
  request: DeviceRefresh,
): Promise<{ state: string }> {
  const isOneOfMany = await steps.step("weigh", () => leaveToSweep(deps, request));
  if (isOneOfMany) return { state: "left_to_full_sync" };
  const { externalDeviceId, isDeleted } = request;
  return runRefresh(deps, steps, request, { type: "device", externalDeviceId, isReportedGone: isDeleted });
}

/**
 * Decides whether to leave a device to a full sync. A deleted device is always read by id: a 404 proves its removal,
 * while a list that lacks many devices at once is held for a person to confirm.
 */
async function leaveToSweep(deps: SyncDeps, request: DeviceRefresh): Promise<boolean> {
  if (request.isDeleted) return false;
  const { tenantId, connectionId, reason } = request;
  const now = deps.clock();
  return inTransaction(deps, tenantId, async (tx) => {
    const since = new Date(now.getTime() - REFRESH_WINDOW_MS);
    const { devices, sweepRequests } = await countDevicesLookedAt(tx, request, since);
    if (devices < devicesByIdAtMost(sweepRequests)) return false;
    await emit(
      tx,
      [{ name: "rmm/account.sync.requested", data: { tenantId, integrationId: connectionId, reason } }],
      now,
    );
    return true;
  });
}
