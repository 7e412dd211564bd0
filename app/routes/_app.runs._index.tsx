import type { MetaFunction } from "@remix-run/node";
import { Form, useLoaderData, useSubmit } from "@remix-run/react";
import { RefreshCw, SearchX } from "lucide-react";

import { guarded, isId } from "~/auth/guard.server";
import { RunTrends } from "~/components/runs/run-trend";
import { RunTable } from "~/components/runs/run-table";
import { useLive } from "~/components/runs/use-live";
import { Button } from "~/components/ui/button";
import { Card } from "~/components/ui/card";
import { EmptyState } from "~/components/ui/empty-state";
import { Field, Select } from "~/components/ui/field";
import { PageHeader } from "~/components/ui/page-header";
import { Pagination } from "~/components/ui/pagination";
import { isInFlight, syncTypeWords, triggerWords } from "~/components/words";
import { syncTriggers, syncTypes } from "~/domain/sync-words";
import { oneOf, pageNumber } from "~/presenters/paging";
import { listRuns, readRunTrend, runOutcomes, RUNS_PAGE_SIZE } from "~/presenters/runs.server";

export const meta: MetaFunction = () => [{ title: "Sync runs · Plumbline" }];

export const loader = /* @__PURE__ */ guarded({ permission: "runs:read" }, async ({ app, tenantId, url }) => {
  const params = url.searchParams;
  const integration = params.get("integration");
  const type = oneOf(params, "type", ["", ...syncTypes]);
  const outcome = oneOf(params, "outcome", ["", ...runOutcomes]);
  const trigger = oneOf(params, "trigger", ["", ...syncTriggers]);
  const page = pageNumber(params);
  const integrationId = isId(integration) ? integration : undefined;
  const filter = {
    integrationId,
    type: type === "" ? undefined : type,
    trigger: trigger === "" ? undefined : trigger,
    outcome: outcome === "" ? undefined : outcome,
  };
  return {
    ...(await listRuns(app.db, tenantId, filter, page)),
    trend: page === 1 ? await readRunTrend(app.db, tenantId, integrationId) : [],
    page,
    pageSize: RUNS_PAGE_SIZE,
    values: { integration: integrationId ?? "", type, outcome, trigger },
  };
});

export default function RunsPage() {
  const { rows, total, trend, integrations, page, pageSize, values } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  useLive(page === 1 && rows.some((run) => isInFlight(run.status)));
  const isFiltered = Object.values(values).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Sync runs"
        description="Everything that was read from your RMM, when, and what came of it."
      />
      <Card>
        <Form
          key={Object.values(values).join()}
          className="flex flex-wrap items-end gap-2 border-b border-line p-3"
          onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
        >
          <Field label="Connection" labelHidden className="max-sm:min-w-36 max-sm:flex-1">
            <Select name="integration" defaultValue={values.integration} className="sm:w-48">
              <option value="">All connections</option>
              {integrations.map(({ id, label }) => (
                <option key={id} value={id}>
                  {label}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Kind" labelHidden className="max-sm:min-w-36 max-sm:flex-1">
            <Select name="type" defaultValue={values.type} className="sm:w-40">
              <option value="">All kinds</option>
              {syncTypes.map((type) => (
                <option key={type} value={type}>
                  {syncTypeWords[type]}
                </option>
              ))}
            </Select>
          </Field>
          <Field label="Outcome" labelHidden className="max-sm:min-w-36 max-sm:flex-1">
            <Select name="outcome" defaultValue={values.outcome} className="sm:w-40">
              <option value="">All outcomes</option>
              <option value="ok">Completed</option>
              <option value="trouble">With trouble</option>
              <option value="with-errors">Completed with errors</option>
              <option value="failed">Failed</option>
              <option value="cancelled">Cancelled</option>
              <option value="in-flight">Under way</option>
            </Select>
          </Field>
          <Field label="Asked by" labelHidden className="max-sm:min-w-36 max-sm:flex-1">
            <Select name="trigger" defaultValue={values.trigger} className="sm:w-40">
              <option value="">Asked by anyone</option>
              {syncTriggers.map((trigger) => (
                <option key={trigger} value={trigger}>
                  {triggerWords[trigger]}
                </option>
              ))}
            </Select>
          </Field>
          <noscript>
            <Button type="submit">Show</Button>
          </noscript>
        </Form>
        {rows.length > 0 ? (
          <RunTable runs={rows} />
        ) : isFiltered || page > 1 ? (
          <EmptyState icon={SearchX} title="No run fits these filters" />
        ) : (
          <EmptyState icon={RefreshCw} title="Nothing has run yet">
            Runs appear here as soon as a connected RMM is synced, by hand or by its schedule.
          </EmptyState>
        )}
        {total > 0 && <Pagination page={page} pageSize={pageSize} total={total} noun="runs" />}
      </Card>
      {trend.length > 1 && (
        <div className="mt-5">
          <RunTrends points={trend} />
        </div>
      )}
    </>
  );
}
