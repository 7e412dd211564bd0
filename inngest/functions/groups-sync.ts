import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { followHint } from "~/sync/webhook/follow-hint";

import { groupsSyncRequested } from "../events";

/** Lists the groups of an account again; somebody who sorts them in Level causes many hints and one sync. */
export const createGroupsSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-groups-sync",
      triggers: [groupsSyncRequested],
      debounce: { key: "event.data.integrationId", period: "10s", timeout: "120s" },
      retries: 3,
    },
    async ({ event, step }) => {
      const { tenantId, integrationId, reason } = event.data;
      return followHint(
        deps,
        { step: (id, work) => step.run(id, work) as never, sleep: (id, ms) => step.sleep(id, ms) },
        { tenantId, integrationId, type: "organizations", actor: reason },
      );
    },
  );
