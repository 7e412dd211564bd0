import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { pruneRuns } from "~/sync/retention/prune-runs";

/** Each night: summarises the runs that are old enough. */
export const createRetentionFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-retention", triggers: [{ cron: "41 3 * * *" }], retries: 2, singleton: { mode: "skip" } },
    async ({ step }) => ({ summarised: await step.run("prune-runs", () => pruneRuns(deps)) }),
  );
