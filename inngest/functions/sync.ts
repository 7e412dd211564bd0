import type { Inngest } from "inngest";

import { executeRun } from "~/features/sync-execution/drive";
import { describeFailure, failRun } from "~/features/sync-execution/end-run";
import type { SyncDeps } from "~/platform/ports";

import { syncRequested } from "../events";
import { stepsOf } from "./steps";
import { syncConcurrency } from "./sync-concurrency";

/** Carries out one sync run, of any kind, step by step. A run that outgrows an execution goes on in a fresh one. */
export const createSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-sync",
      triggers: [syncRequested],
      concurrency: syncConcurrency(deps.syncsAtOnce),
      retries: 3,
      // 100 steps of about 20 s, with room for tries and for two hours of sleeps that the provider asked for.
      timeouts: { finish: "4h" },
      onFailure: async ({ event, error, step }) => {
        const { tenantId, runId } = event.data.event.data;
        const ref = { tenantId, runId };
        await stepsOf(deps, step).step("fail", () => failRun(deps, ref, describeFailure(error)));
      },
    },
    async ({ event, step, attempt, maxAttempts }) => {
      const { tenantId, runId, continuation } = event.data;
      return executeRun(
        deps,
        {
          ...stepsOf(deps, step),
          isLastTry: () => attempt + 1 === maxAttempts,
          handOver: async (next) => {
            const id = `${runId}:${next}`;
            await step.sendEvent(
              "hand-over",
              syncRequested.create({ ...event.data, continuation: next }, { id }),
            );
          },
        },
        { tenantId, runId },
        continuation,
      );
    },
  );
