import type { Inngest } from "inngest";

import { refreshGroup } from "~/features/webhooks/refresh-group";
import type { SyncDeps } from "~/platform/ports";

import { groupSyncRequested } from "../events";
import { requestOf, stepsOf } from "./steps";

/** Reads one group again; of many requests for a group, the last one counts. */
export const createGroupSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-group-sync",
      triggers: [groupSyncRequested],
      debounce: {
        key: "event.data.integrationId + ':' + event.data.externalGroupId",
        period: "5s",
        timeout: "60s",
      },
      // One at a time, so that what was read of a group earlier is written earlier.
      concurrency: { key: "event.data.integrationId", limit: 1 },
      retries: 3,
      // Includes the waits for open runs, and those that the provider asks for.
      timeouts: { finish: "8h" },
    },
    ({ event, step }) => refreshGroup(deps, stepsOf(deps, step), requestOf(event.data)),
  );
