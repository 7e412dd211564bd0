import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { sweepSilentRuns } from "~/sync/sweeper";

/** Each minute: closes runs without a sign of life, so that every run ends. */
export const createSweeperFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-sweeper", triggers: [{ cron: "* * * * *" }], retries: 0, singleton: { mode: "skip" } },
    async ({ step }) => ({ closed: await step.run("sweep", () => sweepSilentRuns(deps)) }),
  );
