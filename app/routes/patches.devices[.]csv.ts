import { guarded } from "~/auth/guard.server";
import { patchDeviceBatches, patchDeviceSearch } from "~/features/patches/patches.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = ["asset_id", "asset", "type", "client", "pending_updates", "oldest_pending_since"];

/** Every asset with pending updates that matches the filters of the address, in its order. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const next = patchDeviceBatches(app.db, tenantId, patchDeviceSearch(url.searchParams), app.clock());
    return csvDownload(csvOptions(url), "patches-by-device.csv", columns, async () =>
      (await next()).map((row) => [
        row.id,
        row.name,
        row.assetType,
        row.client,
        row.patches,
        row.oldestAt === null ? "" : new Date(row.oldestAt).toISOString(),
      ]),
    );
  },
);
