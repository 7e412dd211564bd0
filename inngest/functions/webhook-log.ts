import type { Inngest } from "inngest";

import { pruneDeliveries } from "~/features/webhooks/prune";
import type { SyncDeps } from "~/platform/ports";

/** Each night: removes what the webhook log has kept long enough. */
export const createWebhookLogFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-webhook-log",
      triggers: [{ cron: "17 3 * * *" }],
      retries: 2,
      singleton: { mode: "skip" },
      timeouts: { finish: "1h" },
    },
    async ({ step }) => ({ deleted: await step.run("prune", () => pruneDeliveries(deps)) }),
  );
