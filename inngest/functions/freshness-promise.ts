import type { Inngest } from "inngest";

import { samplePromises } from "~/features/connection-health/freshness-promise";
import type { SyncDeps } from "~/platform/ports";

/** Every five minutes: checks whether devices are confirmed as promised, and fills in missed checks. */
export const createFreshnessFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-freshness-promise",
      triggers: [{ cron: "*/5 * * * *" }],
      retries: 1,
      singleton: { mode: "skip" },
      timeouts: { finish: "10m" },
    },
    async ({ step }) => ({ connections: await step.run("sample", () => samplePromises(deps)) }),
  );
