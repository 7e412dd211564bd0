import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { pruneOldEvents, pruneRuns } from "~/sync/retention/prune";

/** Each night: summarises runs and removes events that are old enough. */
export const createRetentionFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-retention", triggers: [{ cron: "41 3 * * *" }], retries: 2, singleton: { mode: "skip" } },
    async ({ step }) => ({
      summarised: await step.run("prune-runs", () => pruneRuns(deps)),
      events: await step.run("prune-events", () => pruneOldEvents(deps)),
    }),
  );
