import { guarded } from "~/auth/guard.server";
import { entryBatches, ledgerSearch } from "~/features/device-ledger/ledger.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = ["day", "asset_id", "device", "client", "type", "change", "reason", "other_client"];

/** Every change of a count since the day of the address that matches its filters, latest first. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, url }) => {
    const search = ledgerSearch(url.searchParams, app.clock());
    const next = entryBatches(app.db, tenantId, { ...search, before: undefined });
    return csvDownload(csvOptions(url), `device-changes-since-${search.since}.csv`, columns, async () =>
      (await next()).map((row) => [
        row.day,
        row.assetId,
        row.name,
        row.client,
        row.assetType,
        row.change,
        row.reason,
        row.otherClient,
      ]),
    );
  },
);
