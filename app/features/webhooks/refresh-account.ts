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
 * Reads the whole account for hints about many devices: some time after the full sync before, and not at all where
 * one that began since has read it. One that is under way is waited for: it may have been too early, or may fail yet.
 * @param hintedAt when the last of the hints was given
 */
export async function refreshAccount(
  deps: SyncDeps,
  steps: Steps,
  hint: RefreshRequest,
  hintedAt: Date,
): Promise<{ state: string }> {
  for (let rests = 0; ; rests++) {
    const found = await steps.step(`look-${rests}`, () => look(deps, hint, hintedAt));
    if (found.state === "seen") return found;
    if (found.state === "due" || rests === MAX_WAITS) return runRefresh(deps, steps, hint, { type: "full" });
    await steps.sleep(`rest-${rests}`, found.state === "rest" ? found.waitMs : waitMsAfter(rests));
  }
}

type Look = { state: "seen" | "running" | "due" } | { state: "rest"; waitMs: number };

async function look(deps: SyncDeps, hint: RefreshRequest, hintedAt: Date): Promise<Look> {
  return withTenant(deps.db, hint.tenantId, async (tx): Promise<Look> => {
    if (await wasReadSince(tx, hint, hintedAt)) return { state: "seen" };
    if (await isFullSyncRunning(tx, hint)) return { state: "running" };
    const lastAt = (await findFollowed(tx, hint))?.lastFullSyncAt ?? null;
    if (lastAt === null) return { state: "due" };
    // A clock that was put back must not make it rest for longer.
    const waitMs = Math.min(lastAt.getTime() + SWEEP_REST_MS - deps.clock().getTime(), SWEEP_REST_MS);
    return waitMs > 0 ? { state: "rest", waitMs } : { state: "due" };
  });
}
