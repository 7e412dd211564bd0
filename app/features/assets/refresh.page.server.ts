import type { Db } from "@db/client";
import { isId } from "~/auth/guard.server";
import { readChanges, type ShownChange } from "~/features/asset-history/history.page.server";
import { readRun, type RunDetail } from "~/features/sync-runs/runs.page.server";
import { isInFlight } from "~/ui/labels";

/** The state of a refresh of one asset, and what it changed. */
export interface Refresh extends Pick<RunDetail, "run" | "issues"> {
  /** Empty until the refresh has ended. */
  changes: ShownChange[];
  /**
   * The agent's status before the refresh, because the history does not record what changes every minute. Null if
   * unknown.
   */
  wasAgent: "online" | "offline" | null;
}

/** The address of the asset's page with a refresh in it, so that a reload still shows the refresh. */
export const refreshPath = (assetId: string, runId: string, agentStatus: string | null): string =>
  `/assets/${assetId}?${new URLSearchParams({ refresh: runId, was: agentStatus ?? "" })}`;

/** The refresh that the address names; null if it is not one of this asset, or its run was deleted. */
export async function readRefresh(
  db: Db,
  tenantId: string,
  assetId: string,
  params: URLSearchParams,
): Promise<Refresh | null> {
  const runId = params.get("refresh") ?? "";
  if (!isId(runId)) return null;
  const detail = await readRun(db, tenantId, runId);
  if (detail?.run.type !== "device" || detail.run.target?.assetId !== assetId) return null;
  const { run, issues } = detail;
  const was = params.get("was");
  const wasAgent = was === "online" || was === "offline" ? was : null;
  if (isInFlight(run.status)) return { run, issues, changes: [], wasAgent };
  const { changes } = await readChanges(db, tenantId, { assetId, runId }, { group: null, before: undefined });
  return { run, issues, changes, wasAgent };
}
