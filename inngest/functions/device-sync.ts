import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { requestSync } from "~/sync/request-sync";

import { deviceSyncRequested } from "../events";

/** Asks for the sync of one device; of a storm of hints about a device, the last one counts. */
export const createDeviceSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-device-sync",
      triggers: [deviceSyncRequested],
      debounce: {
        key: "event.data.integrationId + ':' + event.data.externalDeviceId",
        period: "5s",
        timeout: "60s",
      },
      retries: 3,
    },
    async ({ event, step }) => {
      const { tenantId, integrationId, externalDeviceId, reason } = event.data;
      return step.run("request", async () => {
        const request = { tenantId, integrationId, externalDeviceId, type: "device" as const };
        const outcome = await requestSync(deps, { ...request, trigger: "webhook", actor: reason });
        return { state: outcome.state };
      });
    },
  );
