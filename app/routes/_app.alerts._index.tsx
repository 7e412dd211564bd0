import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation } from "@remix-run/react";
import { BellOff, SearchX } from "lucide-react";

import { guarded, isId } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { AlertTable } from "~/components/alerts/alert-table";
import { AlertsTabs } from "~/components/alerts/alerts-tabs";
import { Choice, FilterForm } from "~/components/alerts/filter-form";
import { SeverityCounts } from "~/components/alerts/severity-counts";
import { useLive } from "~/components/runs/use-live";
import { Card } from "~/components/ui/card";
import { cn } from "~/components/ui/cn";
import { EmptyState } from "~/components/ui/empty-state";
import { count, formatNumber } from "~/components/ui/format";
import { PageHeader } from "~/components/ui/page-header";
import { Pagination } from "~/components/ui/pagination";
import { severityWords } from "~/components/words";
import { ALERTS_PAGE_SIZE, alertStates, alertTimes, listAlerts } from "~/presenters/alerts.server";
import { oneOf, pageNumber, searchText } from "~/presenters/paging";

export const meta: MetaFunction = () => [{ title: "Alerts · Plumbline" }];

/** New alerts appear by themselves. */
const REFRESH_MS = 15_000;

const severities = ["", "critical", "major", "moderate", "minor", "none"] as const;

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, url, user }) => {
    const params = url.searchParams;
    const client = params.get("client") ?? "";
    const asset = params.get("asset");
    const severity = oneOf(params, "severity", severities);
    const filter = {
      state: oneOf(params, "state", alertStates),
      severity: severity === "" ? undefined : severity,
      clientId: client === "none" || isId(client) ? client : undefined,
      assetId: isId(asset) ? asset : undefined,
      time: oneOf(params, "time", alertTimes),
      text: searchText(params),
    };
    const page = pageNumber(params);
    return {
      ...(await listAlerts(app.db, tenantId, filter, page, app.clock())),
      page,
      pageSize: ALERTS_PAGE_SIZE,
      mayWrite: allows(user.role, "alerts:write"),
      values: {
        q: filter.text ?? "",
        state: filter.state,
        severity,
        client: filter.clientId ?? "",
        asset: filter.assetId ?? "",
        time: filter.time,
      },
    };
  },
);

export default function AlertsPage() {
  const { rows, total, active, clients, page, pageSize, values, mayWrite } = useLoaderData<typeof loader>();
  const { location, state } = useNavigation();
  useLive(page === 1, REFRESH_MS);
  const isRefining = state === "loading" && location.pathname === "/alerts";
  const { state: stateValue, ...others } = values;
  const isFiltered = stateValue !== "open" || Object.values(others).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Alerts"
        description={`${count(active.open, "open alert")} of all clients, and ${formatNumber(active.acknowledged)} acknowledged.`}
      />
      <AlertsTabs />
      <SeverityCounts active={active} chosen={values.severity} />
      <Card>
        <FilterForm
          key={`${values.state} ${values.severity} ${values.client} ${values.time} ${values.asset}`}
          text={values.q}
          placeholder="Alert, device, description"
        >
          <Choice
            label="State"
            name="state"
            value={values.state}
            options={[
              ["open", "Open"],
              ["active", "Open or acknowledged"],
              ["acknowledged", "Acknowledged"],
              ["resolved", "Resolved"],
              ["all", "All states"],
            ]}
          />
          <Choice
            label="Severity"
            name="severity"
            value={values.severity}
            options={severities.map((severity) => [
              severity,
              severity === "" ? "All severities" : severityWords[severity].text,
            ])}
          />
          <Choice
            label="Client"
            name="client"
            value={values.client}
            options={[
              ["", "All clients"],
              ["none", "Without a client"],
              ...clients.map(({ id, name }) => [id, name] as const),
            ]}
          />
          <Choice
            label="Time"
            name="time"
            value={values.time}
            options={[
              ["", "Any time"],
              ["day", "Last 24 hours"],
              ["week", "Last 7 days"],
              ["month", "Last 30 days"],
            ]}
          />
          {values.asset !== "" && (
            <>
              <input type="hidden" name="asset" value={values.asset} />
              <Link
                to="/alerts"
                className="h-8 self-end py-1.5 text-sm font-medium text-accent hover:underline"
              >
                All assets
              </Link>
            </>
          )}
        </FilterForm>
        <div className={cn("border-t border-line transition-opacity", isRefining && "opacity-60")}>
          {rows.length > 0 ? (
            <AlertTable alerts={rows} mayWrite={mayWrite} />
          ) : isFiltered || page > 1 ? (
            <EmptyState
              icon={SearchX}
              title="No alert fits"
              action={
                <Link to="/alerts" className="font-medium text-accent hover:underline">
                  Show open alerts
                </Link>
              }
            >
              Nothing matches these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={BellOff} title="No open alerts">
              Alerts appear here as Level tells of them, or when it is compared every few minutes.
            </EmptyState>
          )}
        </div>
        {total > 0 && <Pagination page={page} pageSize={pageSize} total={total} noun="alerts" />}
      </Card>
    </>
  );
}
