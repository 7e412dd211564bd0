import type { Inngest } from "inngest";

import { recordLedgers } from "~/features/device-ledger/record-ledger";
import type { SyncDeps } from "~/platform/ports";

/** Each hour: counts the devices of every tenant for the day, also where no full sync has ended. */
export const createLedgerFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-device-ledger",
      triggers: [{ cron: "52 * * * *" }],
      retries: 2,
      singleton: { mode: "skip" },
      timeouts: { finish: "1h" },
    },
    async ({ step }) => ({ tenants: await step.run("count", () => recordLedgers(deps)) }),
  );
