import { DAY_MS } from "@domain/durations";
import { guarded } from "~/auth/guard.server";
import { patchBatches, patchSearch } from "~/features/patches/patches.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = ["update", "category", "kb", "devices", "first_seen", "oldest_pending_since", "days_pending"];

/** Every pending update that matches the filters of the address, in its order. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const now = app.clock();
    const next = patchBatches(app.db, tenantId, patchSearch(url.searchParams), now);
    return csvDownload(csvOptions(url), "patches.csv", columns, async () =>
      (await next()).map((row) => [
        row.name,
        row.category,
        row.kbIds.join("; "),
        row.devices,
        new Date(row.firstSeenAt).toISOString(),
        new Date(row.oldestAt).toISOString(),
        Math.floor((now.getTime() - Date.parse(row.oldestAt)) / DAY_MS),
      ]),
    );
  },
);
