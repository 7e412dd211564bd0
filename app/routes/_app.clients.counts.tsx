import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useLocation } from "@remix-run/react";
import { CalendarClock } from "lucide-react";

import { dayOf } from "@domain/device-ledger";
import { count, formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { ClientsTabs } from "~/features/clients/clients-tabs";
import { CountChart } from "~/features/device-ledger/count-chart";
import { monthText, dayText } from "~/features/device-ledger/ledger-labels";
import { CountChangeTable, LedgerEntryTable, MonthTable } from "~/features/device-ledger/ledger-tables";
import { ledgerSearch, readLedger } from "~/features/device-ledger/ledger.page.server";
import { lockMonth, lockMonthForm } from "~/features/device-ledger/lock-month.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ChoiceForm, ClientChoice, DayChoice } from "~/ui/filter-form";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Device counts · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, url, user }) => {
    const now = app.clock();
    const search = ledgerSearch(url.searchParams, now);
    return {
      ...(await readLedger(app.db, tenantId, search, now)),
      since: search.since,
      isLater: search.before !== undefined,
      values: { client: search.filter.clientId ?? "", type: search.filter.type ?? "" },
      today: dayOf(now),
      mayLock: allows(user.role, "clients:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  lock: {
    permission: "clients:write",
    run: async (context) => {
      const parsed = parseForm(lockMonthForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { month } = parsed.data;
      const refusals = {
        already: "This month is locked already.",
        not_over: "A month can be locked when it is over.",
        not_counted: "No day of this month was counted.",
      };
      const { state } = await lockMonth(context, month);
      if (state !== "locked") return refused(problem(context.form, { form: refusals[state] }), 409);
      return done("/clients/counts", `${monthText(month)} is locked.`);
    },
  },
});

export default function DeviceCountsPage() {
  const { counts, entries, total, next, series, months, clients, since, isLater, values, today, mayLock } =
    useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const { search } = useLocation();
  const filters = new URLSearchParams({ since });
  for (const [name, value] of Object.entries(values)) if (value !== "") filters.set(name, value);
  const page = (before: string | null) => {
    const params = new URLSearchParams(filters);
    if (before !== null) params.set("before", before);
    return `?${params}`;
  };
  const sum = (key: "before" | "after" | "joined" | "left") => counts.reduce((all, row) => all + row[key], 0);
  return (
    <>
      <PageHeader
        title="Clients"
        description="How many devices each client has, day by day, and every device behind a change. Days are of UTC."
      />
      <ClientsTabs />
      {refusal?.errors["form"] !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {refusal.errors["form"]}
        </Callout>
      )}
      {months.length === 0 ? (
        <Card>
          <EmptyState icon={CalendarClock} title="Nothing has been counted yet">
            Devices are counted when a full sync ends, and each hour.
          </EmptyState>
        </Card>
      ) : (
        <div className="space-y-5">
          <Card>
            <CardHeader title="Devices over time" description="The last 90 days." />
            <CardBody>
              <CountChart title="Devices" points={series} />
            </CardBody>
          </Card>
          <Card>
            <CardHeader
              title={`What changed since ${dayText(since)}`}
              description={`${count(sum("before"), "device")} before, ${formatNumber(sum("joined"))} joined, ${formatNumber(sum("left"))} left: ${formatNumber(sum("after"))} now.`}
            />
            <ChoiceForm className="flex flex-wrap items-end gap-2 border-b border-line px-4 pb-3">
              <DayChoice label="Since" name="since" value={since} />
              <ClientChoice value={values.client} clients={clients} />
              <Choice
                label="Type"
                name="type"
                value={values.type}
                options={[
                  ["", "All types"],
                  ["workstation", "Workstations"],
                  ["server", "Servers"],
                ]}
              />
            </ChoiceForm>
            {counts.length > 0 && (
              <CountChangeTable
                counts={counts}
                linkTo={({ clientId, assetType }) =>
                  `?since=${since}&client=${clientId ?? "none"}&type=${assetType}#changes`
                }
              />
            )}
          </Card>
          <Card id="changes">
            <CardHeader
              title="Devices behind the changes"
              description="The latest first. A device that moves leaves one client and joins another."
              actions={total > 0 && <DownloadLink href={`/clients/changes.csv${search}`} />}
            />
            {entries.length === 0 ? (
              <EmptyState icon={CalendarClock} title="No device changed a count">
                Choose an earlier day to see more.
              </EmptyState>
            ) : (
              <>
                <LedgerEntryTable entries={entries} />
                <div className="flex flex-wrap items-center justify-between gap-2 border-t border-line px-4 py-2.5 text-xs text-ink-muted">
                  {count(total, "change")}
                  <span className="flex gap-2">
                    {isLater && (
                      <ButtonLink to={page(null)} size="sm">
                        First page
                      </ButtonLink>
                    )}
                    {next !== null && (
                      <ButtonLink to={page(next)} size="sm">
                        Next page
                      </ButtonLink>
                    )}
                  </span>
                </div>
              </>
            )}
          </Card>
          <Card>
            <CardHeader
              title="Months"
              description="Lock a month when it is billed: its counts never change again. The CSV has each day, client and type."
            />
            <MonthTable months={months} today={today} mayLock={mayLock} />
          </Card>
          <p className="text-sm text-ink-muted">
            Only current assets are counted; what is{" "}
            <Link to="/assets?state=gone" className="underline">
              gone
            </Link>{" "}
            or retired is not.
          </p>
        </div>
      )}
    </>
  );
}
