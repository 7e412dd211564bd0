import { setTimeout as sleep } from "node:timers/promises";

import { backOffMs } from "@domain/exponential-wait";
import type { RunRef } from "@domain/refs";
import { outlastOutages } from "~/platform/outlast-outages";
import type { Durable, SyncDeps } from "~/platform/ports";

import { executeRun } from "./drive";
import { describeFailure, failRun } from "./end-run";

/** The most tries of a step: as many as the durable functions have. */
const MAX_TRIES = 4;
const backOff = { baseMs: 1_000, capMs: 8_000 };

/** Executes a run from start to end in the calling process, for development. An error ends the run as failed. */
export async function runDirect(
  deps: SyncDeps,
  ref: RunRef,
  retryDelayMs = (failures: number) => backOffMs(failures, backOff),
): Promise<void> {
  let isLastTry = false;
  const tried: Pick<Durable, "step" | "sleep"> = {
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
  };
  const direct: Durable = {
    ...outlastOutages(tried, deps),
    isLastTry: () => isLastTry,
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
