import type { TenantDb } from "@db/client";
import { lockRun, type RunRow } from "@db/queries/sync-runs/runs";

/** The run was cancelled, closed, or its integration disconnected: nothing more is written for it. */
export interface Stopped {
  state: "stopped";
  cancelled: boolean;
}

/** The run may go on. */
export interface LockedRun {
  state: "held";
  /** Of the connection's mapping, which stays as it is until the commit. */
  mappingVersion: number;
  /** Of the connection. */
  provider: string;
}

/**
 * First in every transaction that writes for a running run: locks it and its integration until the commit, so that what
 * ends the run in between comes before all that is written or after all of it.
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
