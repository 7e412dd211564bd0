import type { Inngest } from "inngest";

import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import type { SyncDeps } from "~/platform/ports";

import { syncCancelRequested } from "../events";
import { stepsOf } from "./steps";

/** Cancels a run on request of an event; the run itself ends at its next page, with its rows consistent. */
export const createCancelSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-sync-cancel", triggers: [syncCancelRequested], retries: 3, timeouts: { finish: "10m" } },
    async ({ event, step }) => {
      const { tenantId, runId } = event.data;
      return stepsOf(deps, step).step("cancel", async () => ({
        state: (await cancelSync(deps, { tenantId, runId })).state,
      }));
    },
  );
