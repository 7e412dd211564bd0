import type { Inngest } from "inngest";

import { followClockBack } from "~/features/operations/clock-rollback";
import { recountTotals } from "~/features/patches/recount-totals";
import { sweepSilentRuns } from "~/features/sync-execution/reaper";
import type { SyncDeps } from "~/platform/ports";

import { eachInTurn } from "./steps";

/**
 * Each minute: corrects times from a wrong clock, closes runs without a sign of life, so that every run ends, and
 * counts changed updates.
 */
export const createReaperFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-sweeper",
      triggers: [{ cron: "* * * * *" }],
      retries: 0,
      singleton: { mode: "skip" },
      timeouts: { finish: "10m" },
    },
    async ({ step }) =>
      eachInTurn(step, {
        "follow-clock-back": () => followClockBack(deps),
        sweep: () => sweepSilentRuns(deps),
        "recount-patches": () => recountTotals(deps),
      }),
  );
