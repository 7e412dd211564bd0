import type { Inngest } from "inngest";

import type { SyncDeps } from "~/sync/ports";
import { followHint } from "~/sync/webhook/follow-hint";

import { deviceSyncRequested } from "../events";

/** Looks at one device again; of a storm of hints about a device, the last one counts. */
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
      return followHint(
        deps,
        { step: (id, work) => step.run(id, work) as never, sleep: (id, ms) => step.sleep(id, ms) },
        { tenantId, integrationId, externalDeviceId, type: "device", actor: reason },
      );
    },
  );
