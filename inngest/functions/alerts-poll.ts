import type { Inngest } from "inngest";

import { startDueAlertPolls } from "~/sync/alerts/schedule-polls";
import type { SyncDeps } from "~/sync/ports";
import { runDirect } from "~/sync/run-direct";

/** Each minute: starts the comparisons of alerts that are due. */
export const createAlertsPollFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-alerts-poll", triggers: [{ cron: "* * * * *" }], retries: 0, singleton: { mode: "skip" } },
    async ({ step }) => {
      const started = await step.run("start-due-polls", () => startDueAlertPolls(deps));
      if (deps.transport === "direct") {
        for (const ref of started) await step.run(`run-${ref.runId}`, () => runDirect(deps, ref));
      }
      return { started: started.length };
    },
  );
