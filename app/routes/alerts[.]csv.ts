import { guarded } from "~/auth/guard.server";
import { alertFilterOf, readAlertBatch } from "~/features/alerts/alerts.page.server";
import { CSV_BATCH, csvOfList, csvOptions } from "~/platform/http/csv.server";

/** Every alert that matches the filters of the address, newest first. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, url }) => {
    const { filter } = alertFilterOf(url.searchParams);
    const now = app.clock();
    return Promise.resolve(
      csvOfList(
        csvOptions(url),
        "alerts.csv",
        {
          id: ({ alert }) => alert.id,
          alert: ({ alert }) => alert.name,
          severity: ({ alert }) => alert.severity,
          status: ({ alert }) => alert.status,
          description: ({ alert }) => alert.description,
          asset: ({ asset, alert }) => asset?.name ?? alert.deviceHostname,
          client: ({ client }) => client?.name,
          started: ({ alert }) => alert.startedAt?.toISOString(),
          acknowledged: ({ alert }) => alert.acknowledgedAt?.toISOString(),
          resolved: ({ alert }) => alert.resolvedAt?.toISOString(),
        },
        (last: Awaited<ReturnType<typeof readAlertBatch>>[number] | undefined) =>
          readAlertBatch(app.db, tenantId, { filter, now }, { before: last?.alert.id, limit: CSV_BATCH }),
      ),
    );
  },
);
