import type { Sweep } from "@db/queries/device-sync/seen-ids";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { latestCredibleInstant } from "@domain/observation";

/** The complete sweep of a run, as of `now`. */
export const sweepOf = (run: Pick<RunRow, "id" | "tenantId" | "connectionId">, now: Date): Sweep => ({
  tenantId: run.tenantId,
  connectionId: run.connectionId,
  runId: run.id,
  now,
  credibleUntil: latestCredibleInstant(now),
});
