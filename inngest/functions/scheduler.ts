import type { Inngest } from "inngest";

import type { RunRef } from "@domain/refs";
import { startDueSyncs } from "~/features/connections/schedule";
import { runDirect } from "~/features/sync-execution/run-direct";
import type { SyncDeps } from "~/platform/ports";

import { eachInTurn } from "./steps";

/** Each minute: starts what is due, of every kind and connection. */
export const createSchedulerFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-scheduler",
      triggers: [{ cron: "* * * * *" }],
      retries: 0,
      singleton: { mode: "skip" },
      // Under the direct transport the syncs themselves run in it.
      timeouts: { finish: deps.transport === "direct" ? "4h" : "10m" },
    },
    async ({ step }) => {
      const started = await step.run("start-due-syncs", () => startDueSyncs(deps));
      if (deps.transport === "direct") {
        const run = (ref: RunRef) => [`run-${ref.runId}`, () => runDirect(deps, ref)] as const;
        await eachInTurn(step, Object.fromEntries(started.map(run)));
      }
      return { started: started.length };
    },
  );
