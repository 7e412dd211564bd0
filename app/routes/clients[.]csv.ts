import { guarded } from "~/auth/guard.server";
import { clientBatches, clientSearch } from "~/features/clients/clients.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const BATCH = 1000;
const columns = [
  "name",
  "notes",
  "assets",
  "servers",
  "online",
  "pending_updates",
  "active_alerts",
  "groups",
  "confirmed_in_time",
  "promised",
  "last_sync",
];

/** Every client that is not archived. The file can be imported again. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, url }) => {
    const { order } = clientSearch(url.searchParams);
    const next = clientBatches(app.db, tenantId, order, BATCH, app.clock());
    return csvDownload(csvOptions(url), "clients.csv", columns, async () => {
      const rows = await next();
      return rows.map((row) => [
        row.name,
        row.notes,
        row.assets,
        row.servers,
        row.online,
        row.patches,
        row.alerts,
        row.groups,
        row.fresh,
        row.promised,
        row.syncedAt === null ? "" : new Date(row.syncedAt).toISOString(),
      ]);
    });
  },
);
