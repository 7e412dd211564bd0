import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { cancelSync } from "~/sync/request-sync";

import { syncCancelRequested } from "../events";

/** Cancels a run on request of an event; the run itself ends at its next page, with its rows consistent. */
export const createCancelSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    { id: "rmm-sync-cancel", triggers: [syncCancelRequested], retries: 3 },
    async ({ event, step }) => {
      const { tenantId, runId } = event.data;
      return step.run("cancel", async () => ({ state: (await cancelSync(deps, { tenantId, runId })).state }));
    },
  );
