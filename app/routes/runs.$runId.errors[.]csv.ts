import { guarded, idParam, notFound } from "~/auth/guard.server";
import { readIssues, readRun } from "~/features/sync-runs/runs.page.server";
import { csvDownload, csvOptions } from "~/platform/http/csv.server";

const BATCH = 1000;
const columns = ["resource", "severity", "external_id", "name", "field", "reason", "ignored"];

/** Every record and field that a run could not store, including those that a person ignores. */
export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, url }) => {
    const runId = idParam(params, "runId");
    if ((await readRun(app.db, tenantId, runId)) === null) throw notFound();
    let after: string | undefined;
    return csvDownload(csvOptions(url), `run-${runId}-errors.csv`, columns, async () => {
      const rows = await readIssues(app.db, tenantId, runId, {
        limit: BATCH,
        ...(after === undefined ? {} : { after }),
      });
      after = rows.at(-1)?.id ?? after;
      return rows.map(({ resource, severity, externalId, name, field, reason, isIgnored }) => [
        resource,
        severity,
        externalId,
        name,
        field,
        reason,
        isIgnored ? "yes" : "no",
      ]);
    });
  },
);
