import { findingOf } from "@domain/asset-findings";
import { guarded } from "~/auth/guard.server";
import { assetSearch, readAssetBatch, type AssetListRow } from "~/features/assets/asset-list.page.server";
import { csvDownload } from "~/platform/http/csv.server";
import { findingLabels } from "~/ui/labels";

const BATCH = 2000;
const columns = [
  "id",
  "name",
  "client",
  "type",
  "status",
  "agent",
  "last_seen",
  "system",
  "version",
  "model",
  "serial_number",
  "lan_ip",
  "user",
  "pending_updates",
  "findings",
  "tags",
];

/** Every asset that fits the filters of the address, in its order. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const search = assetSearch(url.searchParams);
    let last: AssetListRow["keys"] | undefined;
    return csvDownload("assets.csv", columns, async () => {
      const rows = await readAssetBatch(app.db, tenantId, search, BATCH, last);
      last = rows.at(-1)?.keys;
      return rows.map((row) => [
        row.id,
        row.name,
        row.client,
        row.assetType,
        row.status,
        row.agentStatus,
        row.lastSeenAt?.toISOString(),
        row.osType,
        row.osVersion,
        row.model,
        row.serialNumber,
        row.lanIp,
        row.user,
        row.patches,
        (row.findings ?? []).map((word) => findingLabels[findingOf(word)!]).join("; "),
        (row.tags ?? []).join("; "),
      ]);
    });
  },
);
