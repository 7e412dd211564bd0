import { guarded, idParam, notFound } from "~/auth/guard.server";
import { changeLabel } from "~/features/asset-history/change-labels";
import { historySearch, readChanges } from "~/features/asset-history/history.page.server";
import { readRunSummary } from "~/features/sync-runs/runs.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const BATCH = 1000;
const columns = ["asset_id", "asset", "field", "before", "after", "changed_by", "changed_at"];

/** Every field that the run changed and that matches the filter of the address. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, url }) => {
    const runId = idParam(params, "runId");
    if ((await readRunSummary(app.db, tenantId, runId)) === null) throw notFound();
    const { group } = historySearch(url.searchParams);
    let next: number | null | undefined;
    return csvDownload(csvOptions(url), `run-${runId}-changes.csv`, columns, async () => {
      if (next === null) return [];
      const page = await readChanges(app.db, tenantId, { runId }, { group, before: next }, BATCH);
      next = page.next;
      return page.changes.map((row) => [
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
