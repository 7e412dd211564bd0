import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";
import { RefreshCw, SearchX } from "lucide-react";

import { syncTriggers, syncTypes } from "@domain/sync-words";
import { guarded, type Context } from "~/auth/guard.server";
import { RunTable } from "~/features/sync-runs/run-table";
import { RunTrends } from "~/features/sync-runs/run-trend";
import { readRunTrend, trendViews } from "~/features/sync-runs/run-trend.page.server";
import { listRuns, runSearch } from "~/features/sync-runs/runs.page.server";
import { oneOf } from "~/platform/http/paging";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ChoiceForm, ConnectionChoice } from "~/ui/filter-form";
import { isInFlight, syncTypeLabels, triggerLabels } from "~/ui/labels";
import { ListPages } from "~/ui/list-pages";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Sync runs · Plumbline" }];

export const loader = /* @__PURE__ */ guarded({ permission: "runs:read" }, async (context) => {
  const { app, tenantId, url } = context;
  const { filter, values } = runSearch(url.searchParams);
  const list = await listRuns(app.db, tenantId, filter, url.searchParams);
  return {
    ...list,
    trend: list.first === 0 ? await trendOf(context, list.integrations, filter.connectionId) : null,
    values,
  };
});

/**
 * The chart of one connection: the chosen one, otherwise that of the list's filter, otherwise the first; null if there
 * is none.
 */
async function trendOf(
  { app, tenantId, url: { searchParams: params } }: Context,
  integrations: { id: string }[],
  ofList: string | undefined,
) {
  const chosen = integrations.find(({ id }) => id === params.get("of"))?.id;
  const connectionId = chosen ?? ofList ?? integrations[0]?.id;
  if (connectionId === undefined) return null;
  const view = oneOf(params, "chart", trendViews);
  const points = await readRunTrend(app.db, tenantId, { connectionId, view, now: app.clock() });
  return { connectionId, view, points };
}

export default function RunsPage() {
  const data = useLoaderData<typeof loader>();
  const { rows, total, trend, integrations, values } = data;
  useLive(
    ["runs"],
    rows.some((run) => isInFlight(run.status)),
  );
  const { search } = useLocation();
  const isFiltered = Object.values(values).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Sync runs"
        description="Everything that was read from your RMM, when, and with what result."
        actions={total > 0 && <DownloadLink href={`/runs.csv${search}`} />}
      />
      <Card>
        <ChoiceForm>
          <ConnectionChoice value={values.integration} connections={integrations} />
          <Choice
            label="Kind"
            name="type"
            value={values.type}
            options={[["", "All kinds"], ...syncTypes.map((type) => [type, syncTypeLabels[type]] as const)]}
          />
          <Choice
            label="Outcome"
            name="outcome"
            value={values.outcome}
            options={[
              ["", "All outcomes"],
              ["ok", "Completed"],
              ["trouble", "With problems"],
              ["with-errors", "Completed with errors"],
              ["failed", "Failed"],
              ["cancelled", "Cancelled"],
              ["in-flight", "Under way"],
            ]}
          />
          <Choice
            label="Started by"
            name="trigger"
            value={values.trigger}
            options={[
              ["", "Started by anyone"],
              ...syncTriggers.map((trigger) => [trigger, triggerLabels[trigger]] as const),
            ]}
          />
          {trend !== null && <input type="hidden" name="chart" value={trend.view} />}
        </ChoiceForm>
        {rows.length > 0 ? (
          <RunTable runs={rows} />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="No run matches these filters" />
        ) : (
          <EmptyState icon={RefreshCw} title="Nothing has run yet">
            Runs appear here as soon as a connected RMM is synced, by hand or by its schedule.
          </EmptyState>
        )}
        {total > 0 && <ListPages {...data} shown={rows.length} noun="run" />}
      </Card>
      {trend !== null && total > 0 && (
        <div className="mt-5">
          <RunTrends {...trend} integrations={integrations} filters={values} />
        </div>
      )}
    </>
  );
}
