import type { Inngest } from "inngest";

import { driveRun } from "~/sync/drive";
import { describeFailure, failRun } from "~/sync/end-run";
import type { SyncDeps } from "~/sync/ports";

import { syncRequested } from "../events";

/** Carries out one sync run, of any kind, step by step. A run that outgrows an execution goes on in a fresh one. */
export const createSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-sync",
      triggers: [syncRequested],
      // Of a full sync, a groups sync, alerts and single devices of one account at most so many at a time.
      concurrency: { key: "event.data.integrationId", limit: 5 },
      retries: 3,
      // 100 steps of about 20 s, with room for sleeps that the provider asked for.
      timeouts: { finish: "4h" },
      onFailure: async ({ event, error, step }) => {
        const { tenantId, runId } = event.data.event.data;
        await step.run("fail", () => failRun(deps, { tenantId, runId }, describeFailure(error)));
      },
    },
    async ({ event, step }) => {
      const { tenantId, runId, continuation } = event.data;
      return driveRun(
        deps,
        {
          step: (id, work) => step.run(id, work) as never,
          sleep: (id, ms) => step.sleep(id, ms),
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
