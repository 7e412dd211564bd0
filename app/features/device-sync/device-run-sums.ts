import type { TenantDb } from "@db/client";
import { lastCompleteStartMs, sumDeviceRuns } from "@db/queries/sync-runs/past-runs";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { HOUR_MS } from "@domain/durations";

import { sweepOf } from "./sweep-of";

export interface DeviceRunSums {
  moves: number;
  renames: number;
  removals: number;
}

/**
 * Counts the changes of single-device runs since the last complete sweep began, but at least those of the last hour.
 * The mass-change guard adds them to the current run; otherwise an account could be renamed device by device without
 * review.
 */
export async function changedByDeviceRuns(
  tx: TenantDb,
  run: Pick<RunRow, "id" | "tenantId" | "connectionId">,
  now: Date,
): Promise<DeviceRunSums> {
  return sumDeviceRuns(tx, run, await countChangesSince(tx, run, now));
}

/** The instant from which changes count: when the last complete sweep began, but at least one hour ago. */
export async function countChangesSince(
  tx: TenantDb,
  run: Pick<RunRow, "id" | "tenantId" | "connectionId">,
  now: Date,
): Promise<Date> {
  const sweptMs = (await lastCompleteStartMs(tx, run, sweepOf(run, now))) ?? now.getTime();
  return new Date(Math.min(sweptMs, now.getTime() - HOUR_MS));
}
