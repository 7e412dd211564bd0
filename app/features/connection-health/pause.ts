import type { TenantDb } from "@db/client";
import { pauseSchedule } from "@db/queries/connections/connections";
import type { RunRow } from "@db/queries/sync-runs/runs";
import {
  PAUSE_AFTER_FAILURES,
  scheduledRuns,
  WARN_AFTER_FAILURES,
  type ScheduledKind,
} from "@domain/schedule-limits";
import type { SyncDeps } from "~/platform/ports";

/**
 * Counts a failed run of a schedule. Warns at the third failure in a row, and pauses the schedule at the fifth, so that
 * an unreadable account is not requested forever. Call it in the transaction that ends the run.
 * @returns whether it paused the schedule
 */
export async function pauseAfterFailures(
  tx: TenantDb,
  deps: Pick<SyncDeps, "clock" | "log">,
  run: RunRow,
  kind: ScheduledKind,
  failures: number,
): Promise<boolean> {
  const { tenantId, connectionId } = run;
  const about = { tenantId, connectionId, runId: run.id, kind, failures };
  if (failures >= PAUSE_AFTER_FAILURES) {
    const reason = `${failures} ${scheduledRuns[kind]} in a row failed. Fix what the last one reports, then resume.`;
    if (await pauseSchedule(tx, run, kind, { at: deps.clock(), reason })) {
      deps.log.warn(about, "the schedule is paused after failures in a row");
      return true;
    }
  } else if (failures >= WARN_AFTER_FAILURES) {
    deps.log.warn(about, `${scheduledRuns[kind]} fail in a row; the schedule will be paused`);
  }
  return false;
}
