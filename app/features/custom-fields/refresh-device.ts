import { withTenant } from "@db/client";
import { findAssetOfDevice, getCustomFieldSchedule } from "@db/queries/custom-fields/readings";
import { writeCustomFieldValues } from "@db/queries/custom-fields/write-values";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { CustomFieldValues } from "@domain/snapshots";
import type { RmmProvider } from "~/connectors/rmm-provider";
import { lockActiveRun } from "~/features/sync-engine/lock-active-run";
import type { SyncDeps } from "~/platform/ports";

import { readFieldsOfDevice } from "./read-fields-of-device";

/**
 * Reads the custom fields of a device that a person refreshes. Costs one more call, unless the device's own record
 * contained them. Does nothing if custom fields are switched off or their list was never read. An error does not fail
 * the refresh.
 */
export async function refreshCustomFields(
  deps: SyncDeps,
  run: RunRow,
  provider: RmmProvider,
  carried: CustomFieldValues | undefined,
): Promise<void> {
  const schedule = await withTenant(deps.db, run.tenantId, (tx) => getCustomFieldSchedule(tx, run));
  const isOn = schedule !== undefined && schedule.interval !== "off";
  if (!isOn || (schedule.startedAt ?? schedule.endedAt) === null) return;
  const reading =
    carried === undefined
      ? await readFieldsOfDevice(provider, run.targetExternalId)
      : ({ state: "read", values: carried } as const);
  if (reading.state === "gone") return;
  if (reading.state !== "read") {
    deps.log.info({ runId: run.id, error: reading.error.message }, "custom fields not read");
    return;
  }
  await withTenant(deps.db, run.tenantId, async (tx) => {
    if ((await lockActiveRun(tx, run)).state === "stopped") return;
    const assetId = await findAssetOfDevice(tx, run, run.targetExternalId);
    if (assetId !== undefined)
      await writeCustomFieldValues(tx, run, [{ assetId, ...reading.values }], deps.clock());
  });
}
