import type { TenantDb } from "@db/client";
import { lockRun, type RunRow } from "@db/queries/sync-runs/runs";

/** The run was cancelled or closed, or its connection disconnected: nothing more may be written for it. */
export interface Stopped {
  state: "stopped";
  cancelled: boolean;
}

/** The run is active, and locked until the transaction ends. */
export interface LockedRun {
  state: "held";
  /** The version of the connection's mapping, which cannot change before the commit. */
  mappingVersion: number;
  /** The provider of the connection. */
  provider: string;
}

/**
 * Locks a running run and its connection until the commit. Call it first in every transaction that writes for a run: a
 * cancellation or disconnection then takes effect before the whole transaction or after it, never in between.
 */
export async function lockActiveRun(
  tx: TenantDb,
  { tenantId, id }: Pick<RunRow, "tenantId" | "id">,
): Promise<LockedRun | Stopped> {
  const locked = await lockRun(tx, tenantId, id);
  if (locked === undefined || locked.status !== "running" || !locked.integration_active)
    return { state: "stopped", cancelled: false };
  if (locked.cancel_requested) return { state: "stopped", cancelled: true };
  return { state: "held", mappingVersion: locked.mapping_version, provider: locked.provider };
}
