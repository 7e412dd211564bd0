import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { followClockBack } from "~/sync/put-back";
import { sweepSilentRuns } from "~/sync/sweeper";

import { eachInTurn } from "./steps";

/** Each minute: sets right what a wrong clock left, and closes runs without a sign of life, so that every run ends. */
export const createSweeperFunction = (client: Inngest, deps: SyncDeps) =>
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
      }),
  );
