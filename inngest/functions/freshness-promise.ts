import type { Inngest } from "inngest";

import { samplePromises } from "~/features/connection-health/freshness-promise";
import type { SyncDeps } from "~/platform/ports";

/** Each five minutes: looks whether devices are confirmed as promised. What was missed meanwhile is made up for. */
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
