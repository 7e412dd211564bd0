import { guarded, idParam, notFound } from "~/auth/guard.server";
import { changeLabel } from "~/features/asset-history/change-labels";
import { historySearch, readRunChangesBefore } from "~/features/asset-history/history.page.server";
import { readRunSummary } from "~/features/sync-runs/runs.page.server";
import { csvDownload } from "~/platform/http/csv.server";

const BATCH = 1000;
const columns = ["asset_id", "asset", "field", "before", "after", "changed_by", "changed_at"];

/** Every field that the run changed and that fits the filter of the address. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, url }) => {
    const runId = idParam(params, "runId");
    if ((await readRunSummary(app.db, tenantId, runId)) === null) throw notFound();
    const { group } = historySearch(url.searchParams);
    let before: number | undefined;
    return csvDownload(`run-${runId}-changes.csv`, columns, async () => {
      const rows = await readRunChangesBefore(app.db, tenantId, runId, { group, before }, BATCH);
      before = rows.at(-1)?.id ?? before;
      return rows.map((row) => [
        row.assetId,
        row.asset,
        changeLabel(row.field),
        row.before,
        row.after,
        row.actor ?? "sync",
        row.changedAt.toISOString(),
      ]);
    });
  },
);
