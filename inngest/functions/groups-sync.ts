import type { Inngest } from "inngest";

import { runRefresh } from "~/features/webhooks/run-refresh";
import type { SyncDeps } from "~/platform/ports";

import { groupsSyncRequested } from "../events";
import { requestOf, stepsOf } from "./steps";

/** Lists the groups of an account again; sorting them in Level causes many events and one sync. */
export const createGroupsSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-groups-sync",
      triggers: [groupsSyncRequested],
      debounce: { key: "event.data.integrationId", period: "10s", timeout: "120s" },
      retries: 3,
      // Includes the waits for open runs, and those that the provider asks for.
      timeouts: { finish: "8h" },
    },
    ({ event, step }) =>
      runRefresh(deps, stepsOf(deps, step), requestOf(event.data), { type: "organizations" }),
  );
