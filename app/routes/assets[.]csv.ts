import { findingOf } from "@domain/asset-findings";
import { guarded } from "~/auth/guard.server";
import { columnsIn, type AssetColumn } from "~/features/assets/asset-columns";
import { assetSearch, readAssetBatch, type AssetListRow } from "~/features/assets/asset-list.page.server";
import {
  chosenCustomColumns,
  customFieldChoices,
  customValuesOf,
} from "~/features/assets/custom-columns.server";
import { mayReadAdminOnly } from "~/features/assets/custom-fields.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";
import { findingLabels } from "~/ui/labels";

const BATCH = 2000;

interface CsvColumn {
  name: string;
  /** The list's column that this one belongs to; if absent, the column is in every file. */
  of?: AssetColumn;
  value: (row: AssetListRow) => unknown;
}

const csvColumns: CsvColumn[] = [
  { name: "id", value: (row) => row.id },
  { name: "name", value: (row) => row.name },
  { name: "client", of: "client", value: (row) => row.client },
  { name: "site", of: "site", value: (row) => row.site },
  { name: "contact", of: "contact", value: (row) => row.contact },
  { name: "type", of: "type", value: (row) => row.assetType },
  { name: "status", of: "state", value: (row) => row.status },
  { name: "agent", of: "state", value: (row) => row.agentStatus },
  { name: "last_seen", of: "seen", value: (row) => row.lastSeenAt?.toISOString() },
  { name: "system", of: "system", value: (row) => row.osType },
  { name: "version", of: "system", value: (row) => row.osVersion },
  { name: "model", of: "model", value: (row) => row.model },
  { name: "serial_number", of: "serial", value: (row) => row.serialNumber },
  { name: "lan_ip", of: "address", value: (row) => row.lanIp },
  { name: "user", of: "user", value: (row) => row.user },
  { name: "pending_updates", of: "patches", value: (row) => row.patches },
  {
    name: "findings",
    of: "state",
    value: (row) => row.findings.map((word) => findingLabels[findingOf(word)!]).join("; "),
  },
  { name: "tags", of: "tags", value: (row) => (row.tags ?? []).join("; ") },
  { name: "location", of: "location", value: (row) => row.location },
  { name: "fullest_disk_percent", of: "disk", value: (row) => row.diskPercent },
  { name: "security_score", of: "score", value: (row) => row.securityScore },
];

/**
 * Every asset that matches the filters of the address, in its order, with the columns that it names; with all columns
 * if it names none.
 */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const search = assetSearch(url.searchParams, undefined, mayReadAdminOnly(user.role));
    const named = columnsIn(url.searchParams);
    const columns = csvColumns.filter(
      ({ of }) => named === undefined || of === undefined || named.includes(of),
    );
    const custom = chosenCustomColumns(
      await customFieldChoices(app.db, tenantId, user.role),
      url.searchParams.getAll("col"),
    );
    let last: AssetListRow["keys"] | undefined;
    return csvDownload(
      csvOptions(url),
      "assets.csv",
      [...columns, ...custom].map(({ name }) => name),
      async () => {
        const rows = await readAssetBatch(app.db, tenantId, search, BATCH, last);
        last = rows.at(-1)?.keys;
        const ids = rows.map(({ id }) => id);
        const values = await customValuesOf(app.db, tenantId, ids, custom, user.role);
        return rows.map((row) => [
          ...columns.map(({ value }) => value(row)),
          ...custom.map(({ id }) => values[row.id]?.[id]),
        ]);
      },
    );
  },
);
