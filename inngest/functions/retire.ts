import type { Inngest } from "inngest";

import { retireAssets } from "~/features/assets/retire";
import type { SyncDeps } from "~/platform/ports";

/** Each hour: retires the assets that are gone for longer than their grace period. */
export const createRetireFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-retire",
      triggers: [{ cron: "29 * * * *" }],
      retries: 2,
      singleton: { mode: "skip" },
      timeouts: { finish: "1h" },
    },
    async ({ step }) => ({ retired: await step.run("retire", () => retireAssets(deps)) }),
  );
