import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useLocation, useNavigation } from "@remix-run/react";
import { BellOff, SearchX } from "lucide-react";

import { count, formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, isId, type Context } from "~/auth/guard.server";
import { acknowledgeAlerts, MAX_PICKED } from "~/features/alerts/acknowledge.server";
import { AlertFilters } from "~/features/alerts/alert-filters";
import { AlertTable } from "~/features/alerts/alert-table";
import { AlertsTabs } from "~/features/alerts/alerts-tabs";
import { alertFilterOf, listAlerts, readUndo } from "~/features/alerts/alerts.page.server";
import { AlertBulkBar, SELECTION_FORM, UndoCallout } from "~/features/alerts/bulk-bar";
import { SeverityCounts } from "~/features/alerts/severity-counts";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { useTicks } from "~/ui/ticks";

export const meta: MetaFunction = () => [{ title: "Alerts · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, order, values, after } = alertFilterOf(url.searchParams);
    const now = app.clock();
    return {
      ...(await listAlerts(app.db, tenantId, filter, order, after, now)),
      undo: await readUndo(app.db, tenantId, user.id, url.searchParams, now),
      mayWrite: allows(user.role, "alerts:write"),
      values,
      order,
    };
  },
);

/**
 * The alerts whose boxes were ticked; or all that match the filter of the address, with the number that the person saw.
 */
function chosenIn({ app, url, form }: Context) {
  if (!form.has("all"))
    return {
      choice: { kind: "picked", ids: form.getAll("alert").filter(isId).slice(0, MAX_PICKED) } as const,
    };
  const { filter } = alertFilterOf(url.searchParams);
  return {
    choice: { kind: "filter", filter, now: app.clock() } as const,
    seen: Number(form.get("mark")) || 0,
  };
}

/** The address of the list with its filter. `undo` names the acknowledgement that can be undone. */
function inbox({ url }: Context, undo?: Date): string {
  const params = new URLSearchParams(url.searchParams);
  for (const name of ["index", "_data", "undo"]) params.delete(name);
  if (undo !== undefined) params.set("undo", undo.toISOString());
  return params.size > 0 ? `/alerts/list?${params}` : "/alerts/list";
}

async function change(
  context: Context,
  what: Pick<Parameters<typeof acknowledgeAlerts>[1], "choice" | "seen">,
  isAcknowledged: boolean,
) {
  const { app, tenantId } = context;
  const outcome = await acknowledgeAlerts(app.sync, { tenantId, ...what }, isAcknowledged, actorOf(context));
  switch (outcome.state) {
    case "done": {
      const alerts = count(outcome.alerts, "alert");
      if (!isAcknowledged) return done(inbox(context), `${alerts} reopened.`);
      const isUndoable = outcome.alerts > 0;
      return done(inbox(context, isUndoable ? outcome.at : undefined), `${alerts} acknowledged.`);
    }
    case "more_than_seen":
      return refused(
        problem(context.form, {
          form: `${count(outcome.alerts, "alert")} match the filter by now, more than you were shown. Nothing was changed.`,
        }),
        409,
      );
  }
}

export const action = /* @__PURE__ */ guardedIntents({
  acknowledge: {
    permission: "alerts:write",
    run: (context) => change(context, chosenIn(context), true),
  },
  reopen: {
    permission: "alerts:write",
    run: (context) => change(context, chosenIn(context), false),
  },
  undo: {
    permission: "alerts:write",
    run: (context) => {
      const at = new Date(String(context.form.get("at")));
      if (Number.isNaN(at.getTime())) throw new Response("This form is not complete.", { status: 400 });
      return change(context, { choice: { kind: "together", at, userId: context.user.id } }, false);
    },
  },
});

export default function AlertsPage() {
  const { rows, total, active, clients, asset, next, isFirst, values, order, mayWrite, undo } =
    useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer && "errors" in answer ? answer.errors.form : undefined;
  const { location, state } = useNavigation();
  const { search } = useLocation();
  const ticks = useTicks(
    rows.map(({ id }) => id),
    SELECTION_FORM,
  );
  useLive(isFirst ? ["alerts"] : [], false);
  const isRefining = state === "loading" && location.pathname === "/alerts/list";
  const { state: stateValue, ...others } = values;
  const isFiltered = stateValue !== "open" || Object.values(others).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Alerts"
        description={`${count(active.open, "open alert")} of all clients, and ${formatNumber(active.acknowledged)} acknowledged.`}
        actions={total > 0 && <DownloadLink href={`/alerts.csv${search}`} />}
      />
      <AlertsTabs />
      <SeverityCounts
        noun="Open alerts"
        bySeverity={active.bySeverity}
        chosen={values.severity}
        place="page"
      />
      {refusal !== undefined && (
        <Callout tone="warn" alert className="mb-5">
          {refusal}
        </Callout>
      )}
      {mayWrite && undo !== null && <UndoCallout undo={undo} />}
      <Card>
        <AlertFilters values={values} order={order} clients={clients} asset={asset} />
        <div className={cn("transition-opacity", isRefining && "opacity-60")}>
          {rows.length > 0 ? (
            <>
              {mayWrite && stateValue !== "resolved" && (
                <AlertBulkBar
                  ticks={ticks}
                  total={total}
                  intent={stateValue === "acknowledged" ? "reopen" : "acknowledge"}
                />
              )}
              <AlertTable
                alerts={rows}
                mayWrite={mayWrite}
                {...(mayWrite && stateValue !== "resolved" && { ticks })}
              />
            </>
          ) : isFiltered || !isFirst ? (
            <EmptyState
              icon={SearchX}
              title="No alert matches"
              action={
                <Link to="/alerts/list" className="font-medium text-accent hover:underline">
                  Show open alerts
                </Link>
              }
            >
              Nothing matches these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={BellOff} title="No open alerts">
              Alerts appear here when Level reports them, or at the next comparison, every few minutes.
            </EmptyState>
          )}
        </div>
        {total > 0 && <KeysetPagination shown={rows.length} total={total} next={next} noun="alert" />}
      </Card>
    </>
  );
}
