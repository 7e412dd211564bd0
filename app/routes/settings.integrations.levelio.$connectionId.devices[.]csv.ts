import { guarded } from "~/auth/guard.server";
import { connectionOf } from "~/features/connections/context.server";
import { readUnassignedBatch, unassignedSearch } from "~/features/connections/unassigned-devices.page.server";
import { CSV_BATCH, csvOfList, csvOptions } from "~/platform/http/csv.server";

/** Every device without a client that matches the filters of the address, with the reason. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, url, tenantId } = context;
    const { ref } = await connectionOf(context, "levelio");
    const { filter } = unassignedSearch(url.searchParams);
    return csvOfList(
      csvOptions(url),
      "devices-without-client.csv",
      {
        device_id: (device) => device.externalId,
        device: (device) => device.name,
        why: (device) => device.reason,
        group: (device) => device.groupPath,
        last_seen: (device) =>
          device.lastSeenMs === null ? null : new Date(device.lastSeenMs).toISOString(),
      },
      (last: Awaited<ReturnType<typeof readUnassignedBatch>>[number] | undefined) =>
        readUnassignedBatch(app.db, tenantId, ref.connectionId, filter, {
          after: last?.externalId,
          limit: CSV_BATCH,
        }),
    );
  },
);
