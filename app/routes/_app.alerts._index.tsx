import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useLocation, useNavigate, useNavigation, useSubmit } from "@remix-run/react";
import { BellOff, SearchX } from "lucide-react";

import { count, formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, isId, type Context } from "~/auth/guard.server";
import { AlertsTabs } from "~/features/alerts/alerts-tabs";
import { SeverityCounts } from "~/features/alerts/severity-counts";
import { actOnIncidents, MAX_PICKED_INCIDENTS } from "~/features/incidents/change-incidents.server";
import { INCIDENT_FORM, IncidentBulkBar } from "~/features/incidents/incident-bulk-bar";
import { IncidentFilters } from "~/features/incidents/incident-filters";
import { IncidentTable } from "~/features/incidents/incident-table";
import { incidentSearch, readIncidents } from "~/features/incidents/incidents.page.server";
import { snoozeUntil } from "~/features/incidents/snooze-until.server";
import { useRowKeys } from "~/features/incidents/use-row-keys";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { useCsrf } from "~/ui/form";
import { useLive } from "~/ui/live/use-live";
import { PageHeader } from "~/ui/page-header";
import { useTicks } from "~/ui/ticks";

export const meta: MetaFunction = () => [{ title: "Incidents · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, url, user }) => {
    const search = incidentSearch(url.searchParams, user.id);
    return {
      ...(await readIncidents(app.db, tenantId, search)),
      values: search.values,
      mayWrite: allows(user.role, "alerts:write"),
    };
  },
);

/** The address of the list with its filter. */
function inbox({ url }: Context): string {
  const params = new URLSearchParams(url.searchParams);
  for (const name of ["index", "_data"]) params.delete(name);
  return params.size > 0 ? `/alerts?${params}` : "/alerts";
}

async function act(
  context: Context,
  what: Parameters<typeof actOnIncidents>[2],
  text: (incidents: string) => string,
) {
  const { app, tenantId, form } = context;
  const ids = form.getAll("incident").filter(isId).slice(0, MAX_PICKED_INCIDENTS);
  const changed = await actOnIncidents(app.sync, { tenantId, ids }, what, actorOf(context));
  return done(inbox(context), changed === 0 ? "Nothing to change." : text(count(changed, "incident")));
}

const permission = "alerts:write";

export const action = /* @__PURE__ */ guardedIntents({
  acknowledge: {
    permission,
    run: (context) => act(context, { kind: "acknowledged" }, (n) => `${n} acknowledged.`),
  },
  reopen: { permission, run: (context) => act(context, { kind: "reopened" }, (n) => `${n} reopened.`) },
  own: { permission, run: (context) => act(context, { kind: "owned" }, (n) => `${n} taken.`) },
  resolve: {
    permission,
    run: (context) => act(context, { kind: "resolved" }, (n) => `${n} resolved here.`),
  },
  snooze: {
    permission,
    run: (context) =>
      act(
        context,
        { kind: "snoozed", until: snoozeUntil(context.form, context.app.clock()) },
        (n) => `${n} snoozed.`,
      ),
  },
});

/** The action of each letter, on the selected rows or the current one. */
const letters: Record<string, string> = {
  a: "acknowledge",
  t: "own",
  e: "resolve",
  r: "reopen",
  s: "snooze",
};

export default function IncidentsPage() {
  const { rows, next, isFirst, counts, clients, asset, values, mayWrite } = useLoaderData<typeof loader>();
  const { location, state } = useNavigation();
  const { search } = useLocation();
  const navigate = useNavigate();
  const submit = useSubmit();
  const csrf = useCsrf();
  const ids = rows.map(({ id }) => id);
  const ticks = useTicks(ids, INCIDENT_FORM);
  useLive(isFirst ? ["alerts"] : [], false);
  const params = new URLSearchParams(search);
  const action = `/alerts?index&${params}`;
  const current = useRowKeys(ids, mayWrite ? Object.keys(letters).join("") : "", {
    open: (id) => navigate(`/alerts/incidents/${id}`),
    pick: (id) => ticks.onTick([id], !ticks.ticked.has(id)),
    act(letter, id) {
      const form = new FormData();
      form.set("csrf", csrf);
      form.set("intent", letters[letter]!);
      form.set("hours", "4");
      for (const one of ticks.onPage.length > 0 ? ticks.onPage : [id]) form.append("incident", one);
      submit(form, { method: "post", action, preventScrollReset: true });
    },
  });
  const isRefining = state === "loading" && location.pathname === "/alerts";
  const { state: view, ...others } = values;
  const isFiltered = view !== "active" || !isFirst || Object.values(others).some((value) => value !== "");
  const hrefOf = (after: string | undefined) => {
    const to = new URLSearchParams(params);
    if (after === undefined) to.delete("after");
    else to.set("after", after);
    return `/alerts?${to}`;
  };
  const csv = new URLSearchParams(params);
  csv.delete("after");
  return (
    <>
      <PageHeader
        title="Incidents"
        description={`${count(counts.open, "open incident")} of all clients, ${formatNumber(counts.acknowledged)} acknowledged and ${formatNumber(counts.snoozed)} snoozed.`}
        actions={<DownloadLink href={`/incidents.csv?${csv}`} />}
      />
      <AlertsTabs />
      <SeverityCounts
        noun="Open incidents"
        bySeverity={counts.bySeverity}
        chosen={values.severity}
        place="after"
      />
      <Card>
        <IncidentFilters values={values} clients={clients} asset={asset} />
        <div className={cn("transition-opacity", isRefining && "opacity-60")}>
          {rows.length > 0 ? (
            <>
              {mayWrite && <IncidentBulkBar ticks={ticks} action={action} />}
              <IncidentTable incidents={rows} current={current} {...(mayWrite && { ticks })} />
            </>
          ) : isFiltered ? (
            <EmptyState
              icon={SearchX}
              title="No incident matches"
              action={
                <Link to="/alerts" className="font-medium text-accent hover:underline">
                  Show open incidents
                </Link>
              }
            >
              Nothing matches these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={BellOff} title="No open incidents">
              Alerts of one condition form an incident, soon after Level reports them.
            </EmptyState>
          )}
        </div>
        {(next !== undefined || !isFirst) && (
          <nav
            aria-label="Pages of incidents"
            className="flex justify-end gap-4 border-t border-line px-4 py-2.5 text-sm"
          >
            {!isFirst && (
              <Link to={hrefOf(undefined)} className="text-accent hover:underline">
                First page
              </Link>
            )}
            {next !== undefined && (
              <Link to={hrefOf(next)} className="text-accent hover:underline">
                Next page
              </Link>
            )}
          </nav>
        )}
      </Card>
      {rows.length > 0 && (
        <p className="mt-3 hidden text-xs text-ink-faint lg:block">
          Keys: j and k move, o opens
          {mayWrite && ", x selects, a acknowledges, t takes, e resolves, r reopens, s snoozes for 4 hours"}.
        </p>
      )}
    </>
  );
}
