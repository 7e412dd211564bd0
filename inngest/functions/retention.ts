import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import {
  pruneDetails,
  pruneOldEvents,
  pruneOldNotifications,
  summariseOldRuns,
} from "~/sync/retention/prune";

/** Each night: summarises old runs and removes events and notifications that are old enough. */
export const createRetentionFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-retention",
      triggers: [{ cron: "41 3 * * *" }],
      retries: 2,
      singleton: { mode: "skip" },
      timeouts: { finish: "1h" },
    },
    async ({ step }) => ({
      details: await step.run("prune-details", () => pruneDetails(deps)),
      runs: await step.run("summarise-runs", () => summariseOldRuns(deps)),
      events: await step.run("prune-events", () => pruneOldEvents(deps)),
      notifications: await step.run("prune-notifications", () => pruneOldNotifications(deps)),
    }),
  );
