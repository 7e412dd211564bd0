import type { TenantDb } from "@db/client";
import { countPlanned } from "@db/queries/device-sync/planned";
import { listDivergences } from "@db/queries/sync-runs/divergences";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { PlannedAction } from "@domain/device-plan";

const DIFFERENCES_SHOWN = 20;

/** The result of a dry run, and the differences between it and the run that applied it. */
export interface AppliedPlan {
  /** The number of devices for each kind of change; null for a run that is not a dry run. */
  plan: Partial<Record<PlannedAction, number>> | null;
  /** The dry run that this run applies. */
  appliesRunId: string | null;
  /**
   * Null for a run that applies no dry run, or has not completed. `first` holds the first differences by name, until
   * the details of the run are deleted.
   */
  differences: {
    total: number;
    first: { name: string; planned: PlannedAction | null; done: PlannedAction | null }[];
  } | null;
}

/** The totals of a dry run's plan, or the differences between a run and the plan that it applied. */
export async function readRunPlan(
  tx: TenantDb,
  {
    id: runId,
    tenantId,
    type,
    appliesRunId,
    divergences,
  }: Pick<RunRow, "id" | "tenantId" | "type" | "appliesRunId" | "divergences">,
): Promise<AppliedPlan> {
  const plan = type === "dry_run" ? await countPlanned(tx, tenantId, runId) : null;
  if (appliesRunId === null || divergences === null) return { plan, appliesRunId, differences: null };
  const slice = { place: "first", limit: DIFFERENCES_SHOWN } as const;
  const rows = await listDivergences(tx, { tenantId, runId, appliesRunId }, slice);
  const first = rows.map(({ name, planned, done }) => ({ name, planned, done }));
  return { plan, appliesRunId, differences: { total: divergences, first } };
}
