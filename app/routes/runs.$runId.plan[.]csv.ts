import { guarded, idParam, notFound } from "~/auth/guard.server";
import { fieldTexts, planActionLabels, planReason } from "~/features/sync-runs/plan-labels";
import { planFilterOf, readPlannedAfter } from "~/features/sync-runs/plan.page.server";
import { readRunSummary } from "~/features/sync-runs/runs.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const columns = ["device_id", "name", "what", "asset_id", "from_client", "to_client", "changes", "reason"];

/** Every device of a plan that matches the filters of the address. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, url }) => {
    const runId = idParam(params, "runId");
    if ((await readRunSummary(app.db, tenantId, runId)) === null) throw notFound();
    const { filter } = planFilterOf(url.searchParams);
    let after = "";
    return csvDownload(csvOptions(url), `dry-run-${runId}.csv`, columns, async () => {
      const rows = await readPlannedAfter(app.db, tenantId, runId, filter, after);
      after = rows.at(-1)?.externalId ?? after;
      return rows.map((row) => [
        row.externalId,
        row.name,
        planActionLabels[row.action].would,
        row.assetId,
        row.fromClient,
        row.toClient,
        fieldTexts(row)
          .map(({ field, from, to }) => `${field}: ${from ?? "nothing"} → ${to ?? "nothing"}`)
          .join("\n"),
        planReason(row),
      ]);
    });
  },
);
