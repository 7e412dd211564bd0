import type { Inngest } from "inngest";

import { refreshAccount } from "~/features/webhooks/refresh-account";
import type { SyncDeps } from "~/platform/ports";

import { accountSyncRequested } from "../events";
import { requestOf, stepsOf } from "./steps";

/** Reads a whole account after refresh requests for many of its devices. */
export const createAccountSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-account-sync",
      triggers: [accountSyncRequested],
      debounce: { key: "event.data.integrationId", period: "10s", timeout: "120s" },
      retries: 3,
      // It waits for a running full sync, and its own refresh request once more as long.
      timeouts: { finish: "16h" },
    },
    ({ event, step }) =>
      refreshAccount(
        deps,
        stepsOf(deps, step),
        requestOf(event.data),
        new Date(event.ts ?? deps.clock().getTime()),
      ),
  );
