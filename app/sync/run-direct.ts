import { setTimeout as sleep } from "node:timers/promises";

import { driveRun } from "./drive";
import { describeFailure, failRun } from "./end-run";
import type { Durable, RunRef, SyncDeps } from "./ports";

/** As many tries, with the same kind of back-off, as the durable functions have. */
const MAX_TRIES = 4;
const FIRST_BACKOFF_MS = 1_000;

/** Carries out a run in the calling process, start to end, for development. A fault ends the run as failed. */
export async function runDirect(deps: SyncDeps, ref: RunRef): Promise<void> {
  const direct: Durable = {
    step: async (_id, work) => {
      for (let tries = 1; ; tries++) {
        try {
          return await work();
        } catch (error) {
          if (tries >= MAX_TRIES) throw error;
          await sleep(FIRST_BACKOFF_MS * 2 ** (tries - 1) * (0.5 + Math.random() / 2));
        }
      }
    },
    sleep: async (_id, ms) => {
      await sleep(ms);
    },
    handOver: async (continuation) => {
      await driveRun(deps, direct, ref, continuation);
    },
  };
  try {
    await driveRun(deps, direct, ref);
  } catch (error) {
    deps.log.error({ runId: ref.runId, error: String(error) }, "sync failed");
    await failRun(deps, ref, describeFailure(error));
  }
}
