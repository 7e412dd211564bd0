import type { Inngest } from "inngest";

import { refreshDevice } from "~/features/webhooks/refresh-device";
import type { SyncDeps } from "~/platform/ports";

import { deviceSyncRequested } from "../events";
import { requestOf, stepsOf } from "./steps";

/**
 * Reads one device again; of many requests for a device, the last one counts. A deletion is separate: the last request
 * may be one of its alerts, and a deleted device is always read by id.
 */
export const createDeviceSyncFunction = (client: Inngest, deps: SyncDeps) =>
  client.createFunction(
    {
      id: "rmm-device-sync",
      triggers: [deviceSyncRequested],
      debounce: {
        key: "event.data.integrationId + ':' + event.data.externalDeviceId + (event.data.reason == 'device_deleted' ? ':deleted' : '')",
        period: "5s",
        timeout: "60s",
      },
      retries: 3,
      // Includes the waits for open runs, and those that the provider asks for.
      timeouts: { finish: "8h" },
    },
    ({ event, step }) =>
      refreshDevice(deps, stepsOf(deps, step), {
        ...requestOf(event.data),
        isDeleted: event.data.isDeleted === true,
      }),
  );
