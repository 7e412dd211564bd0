import {
  moveGoneBack,
  moveOpenRunsBack,
  movePendingBack,
  rollBackCooldowns,
} from "@db/queries/operations/clock-rollback";
import { LONGEST_REST_MS, LONGEST_WAIT_MS } from "@domain/back-off";
import type { SyncDeps } from "~/platform/ports";

/** Milliseconds by which the clocks of processes on one database may differ. */
const SKEW_MS = 60_000;

/**
 * Corrects times in the future after the clock was set back. Otherwise a silent run would never be reaped, and
 * deliveries, cooldowns and grace periods would wait until the clock catches up.
 * @returns how many rows were corrected
 */
export async function followClockBack({ db, clock, log }: Pick<SyncDeps, "db" | "clock" | "log">) {
  const now = clock();
  const latest = new Date(now.getTime() + SKEW_MS);
  const bounds = { latest, latestRetry: new Date(latest.getTime() + LONGEST_WAIT_MS) };
  const moved = {
    runs: await moveOpenRunsBack(db, now, latest),
    deliveries: await movePendingBack(db, "outgoing_deliveries", now, bounds),
    notifications: await movePendingBack(db, "notifications", now, bounds),
    receivers: await rollBackCooldowns(db, now, new Date(latest.getTime() + LONGEST_REST_MS)),
    goneAssets: await moveGoneBack(db, now, latest),
  };
  const total = Object.values(moved).reduce((sum, rows) => sum + rows, 0);
  if (total > 0) log.warn(moved, "the clock was set back: times in the future were moved to now");
  return total;
}
