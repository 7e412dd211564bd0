import { setTimeout as sleep } from "node:timers/promises";

import type { RunRef } from "@domain/refs";
import type { Durable, SyncDeps } from "~/platform/ports";

import { executeRun } from "./drive";
import { describeFailure, failRun } from "./end-run";

/** The same number of tries and kind of back-off as the durable functions. */
const MAX_TRIES = 4;
const FIRST_BACKOFF_MS = 1_000;

const backOffMs = (failedTries: number): number =>
  FIRST_BACKOFF_MS * 2 ** (failedTries - 1) * (0.5 + Math.random() / 2);

/** Executes a run from start to end in the calling process, for development. An error ends the run as failed. */
export async function runDirect(deps: SyncDeps, ref: RunRef, retryDelayMs = backOffMs): Promise<void> {
  let isLastTry = false;
  const direct: Durable = {
    isLastTry: () => isLastTry,
    step: async (_id, work) => {
      for (let tries = 1; ; tries++) {
        try {
          isLastTry = tries >= MAX_TRIES;
          return await work();
        } catch (error) {
          if (isLastTry) throw error;
          await sleep(retryDelayMs(tries));
        }
      }
    },
    sleep: async (_id, ms) => {
      await sleep(ms);
    },
    handOver: async (continuation) => {
      await executeRun(deps, direct, ref, continuation);
    },
  };
  try {
    await executeRun(deps, direct, ref);
  } catch (error) {
    deps.log.error({ runId: ref.runId, error: String(error) }, "sync failed");
    await failRun(deps, ref, describeFailure(error));
  }
}
