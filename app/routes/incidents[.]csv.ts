import { guarded } from "~/auth/guard.server";
import { incidentSearch, readIncidentBatch } from "~/features/incidents/incidents.page.server";
import { incidentTitle } from "~/features/incidents/labels";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const BATCH = 2000;
const columns = [
  "id",
  "incident",
  "client",
  "devices",
  "device",
  "severity",
  "state",
  "owner",
  "alerts",
  "active_alerts",
  "opened",
  "latest_alert",
  "resolved",
];

/** Every incident that matches the filters of the address, in its order. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter } = incidentSearch(url.searchParams, user.id);
    let last: string[] | undefined;
    return csvDownload(csvOptions(url), "incidents.csv", columns, async () => {
      const rows = await readIncidentBatch(app.db, tenantId, filter, BATCH, last);
      last = rows.at(-1)?.keys;
      return rows.map((row) => [
        row.id,
        incidentTitle(row),
        row.client,
        row.devices,
        row.device,
        row.severity,
        row.state,
        row.owner,
        row.alerts,
        row.activeAlerts,
        row.openedAt.toISOString(),
        row.lastAlertAt.toISOString(),
        row.resolvedAt?.toISOString(),
      ]);
    });
  },
);
