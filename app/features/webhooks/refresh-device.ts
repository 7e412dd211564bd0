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

/** Looks at a device again; where too many of the account were looked at within the minute, asks for a full sync. */
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
 * Of a deleted device the provider is always asked by id: its 404 settles the matter, while a list that lacks many
 * devices at once is held until a person confirms the loss.
 */
async function leaveToSweep(deps: SyncDeps, request: DeviceRefresh): Promise<boolean> {
  if (request.isDeleted) return false;
  const { tenantId, integrationId, reason } = request;
  const now = deps.clock();
  return inTransaction(deps, tenantId, async (tx) => {
    const since = new Date(now.getTime() - REFRESH_WINDOW_MS);
    const { devices, sweepRequests } = await countDevicesLookedAt(tx, request, since);
    if (devices < devicesByIdAtMost(sweepRequests)) return false;
    await emit(tx, [{ name: "rmm/account.sync.requested", data: { tenantId, integrationId, reason } }], now);
    return true;
  });
}
