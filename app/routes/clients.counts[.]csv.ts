import { dayOf, monthOf } from "@domain/device-ledger";
import { guarded } from "~/auth/guard.server";
import { dayBatches } from "~/features/device-ledger/ledger.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = ["day", "client_id", "client", "type", "devices"];

/** The count of each day, client and type in the month of the address; this month by default. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, url }) => {
    const month = monthOf(url.searchParams.get("month")) ?? monthOf(dayOf(app.clock()))!;
    const next = dayBatches(app.db, tenantId, month);
    return csvDownload(csvOptions(url), `device-counts-${month.slice(0, 7)}.csv`, columns, async () =>
      (await next()).map((row) => [row.day, row.clientId, row.client, row.assetType, row.devices]),
    );
  },
);
