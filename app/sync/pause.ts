import type { TenantDb } from "@db/client";
import { pauseSchedule } from "@db/queries/integrations";
import type { RunRow } from "@db/queries/runs";
import { PAUSE_AFTER_FAILURES, WARN_AFTER_FAILURES } from "~/domain/schedule-limits";

import type { SyncDeps } from "./ports";

/**
 * Counts on: warns at the third failed full sync in a row, and pauses the schedule at the fifth, so that an account
 * that cannot be read is not asked for ever. In the transaction that ends the run.
 */
export async function pauseAfterFailures(
  tx: TenantDb,
  deps: Pick<SyncDeps, "clock" | "log">,
  run: RunRow,
  failures: number,
): Promise<void> {
  const { tenantId, integrationId } = run;
  const about = { tenantId, integrationId, runId: run.id, failures };
  if (failures >= PAUSE_AFTER_FAILURES) {
    const reason = `${failures} full syncs in a row failed. Mend what the last one says, then resume.`;
    if (await pauseSchedule(tx, run, { at: deps.clock(), reason })) {
      deps.log.warn(about, "the schedule is paused after failures in a row");
    }
  } else if (failures >= WARN_AFTER_FAILURES) {
    deps.log.warn(about, "full syncs fail in a row; the schedule will be paused");
  }
}
