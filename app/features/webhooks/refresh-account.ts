import { withTenant } from "@db/client";
import { isFullSyncRunning, wasReadSince } from "@db/queries/webhooks/refresh-requests";
import { SWEEP_REST_MS } from "@domain/refresh-limits";
import type { SyncDeps } from "~/platform/ports";

import {
  findFollowed,
  runRefresh,
  MAX_WAITS,
  waitMsAfter,
  type RefreshRequest,
  type Steps,
} from "./run-refresh";

/**
 * Reads the whole account after refresh requests for many devices: at the earliest `SWEEP_REST_MS` after the last full
 * sync, and not at all if a full sync began since the requests. Waits for a full sync that is active, because it may
 * have begun too early or may still fail.
 * @param requestedAt when the last of the requests was made
 */
export async function refreshAccount(
  deps: SyncDeps,
  steps: Steps,
  request: RefreshRequest,
  requestedAt: Date,
): Promise<{ state: string }> {
  for (let waits = 0; ; waits++) {
    const found = await steps.step(`look-${waits}`, () => look(deps, request, requestedAt));
    if (found.state === "seen") return found;
    if (found.state === "due" || waits === MAX_WAITS)
      return runRefresh(deps, steps, request, { type: "full" });
    await steps.sleep(`rest-${waits}`, found.state === "rest" ? found.waitMs : waitMsAfter(waits));
  }
}

type Look = { state: "seen" | "running" | "due" } | { state: "rest"; waitMs: number };

async function look(deps: SyncDeps, request: RefreshRequest, requestedAt: Date): Promise<Look> {
  return withTenant(deps.db, request.tenantId, async (tx): Promise<Look> => {
    if (await wasReadSince(tx, request, requestedAt)) return { state: "seen" };
    if (await isFullSyncRunning(tx, request)) return { state: "running" };
    const lastAt = (await findFollowed(tx, request))?.lastFullSyncAt ?? null;
    if (lastAt === null) return { state: "due" };
    // If the clock was set back, the wait must not become longer.
    const waitMs = Math.min(lastAt.getTime() + SWEEP_REST_MS - deps.clock().getTime(), SWEEP_REST_MS);
    return waitMs > 0 ? { state: "rest", waitMs } : { state: "due" };
  });
}
