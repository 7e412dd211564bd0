import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";

import { count } from "@domain/format";
import { guarded, idParam, notFound } from "~/auth/guard.server";
import { ChangesCard } from "~/features/asset-history/change-table";
import { historySearch, readChanges, readRunChangeCount } from "~/features/asset-history/history.page.server";
import { runTitle } from "~/features/sync-runs/run-figures";
import { readRunSummary } from "~/features/sync-runs/runs.page.server";
import { DownloadLink } from "~/ui/download-link";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Changes of a sync run · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "runs:read" },
  async ({ app, tenantId, params, url }) => {
    const runId = idParam(params, "runId");
    const run = await readRunSummary(app.db, tenantId, runId);
    if (run === null) throw notFound();
    const search = historySearch(url.searchParams);
    return {
      run: { id: runId, type: run.type, target: run.target },
      sum: await readRunChangeCount(app.db, tenantId, runId),
      group: search.group,
      ...(await readChanges(app.db, tenantId, { runId }, search)),
    };
  },
);

export default function RunChangesPage() {
  const { run, sum, ...list } = useLoaderData<typeof loader>();
  const { search } = useLocation();
  return (
    <>
      <PageHeader
        back={{ to: `/runs/${run.id}`, label: runTitle(run) }}
        title="Changes of this run"
        description={
          sum.changes === 0
            ? "It changed no field of an asset that was there before."
            : `${count(sum.changes, "field")} of ${count(sum.assets, "asset")}. Values that a new asset was created with are no change.`
        }
        actions={sum.changes > 0 && <DownloadLink href={`/runs/${run.id}/changes.csv${search}`} />}
      />
      <ChangesCard {...list} of="run" />
    </>
  );
}
