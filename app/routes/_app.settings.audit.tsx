import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useLocation } from "@remix-run/react";
import { ScrollText, SearchX } from "lucide-react";

import { guarded, isId } from "~/auth/guard.server";
import { actionText } from "~/features/audit/audit-sentences";
import { AuditTable } from "~/features/audit/audit-table";
import { auditSearch, readAudit } from "~/features/audit/audit.page.server";
import { readTimeZone } from "~/platform/http/preferences.server";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { Choice, DayChoice, FilterForm } from "~/ui/filter-form";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Audit log · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "audit:read" },
  async ({ app, tenantId, url, request }) => {
    const before = url.searchParams.get("before");
    const { filter, values } = auditSearch(url.searchParams, readTimeZone(request));
    return {
      ...(await readAudit(app.db, tenantId, filter, isId(before) ? before : undefined)),
      values,
      isFiltered: Object.keys(filter).length > 0,
    };
  },
);

export default function AuditPage() {
  const { entries, next, actions, values, isFiltered } = useLoaderData<typeof loader>();
  const { search } = useLocation();
  const older = new URLSearchParams(search);
  older.set("before", next ?? "");
  const things = [...new Set(actions.map((action) => action.split(".")[0] ?? action))];
  return (
    <>
      <PageHeader
        title="Audit log"
        description="Who did what, when, and from where."
        actions={entries.length > 0 && <DownloadLink href={`/settings/audit.csv${search}`} />}
      />
      <Card>
        <FilterForm text={values.q} placeholder="Person, name, id">
          <Choice
            label="Action"
            name="action"
            value={values.action}
            options={[["", "All actions"]]}
            groups={things.map((thing) => ({
              label: actionText(thing),
              options: [thing, ...actions.filter((action) => action.startsWith(`${thing}.`))].map(
                (action) =>
                  [action, action === thing ? `${actionText(thing)}: all` : actionText(action)] as const,
              ),
            }))}
          />
          <DayChoice label="From" name="from" value={values.from} />
          <DayChoice label="To" name="to" value={values.to} />
        </FilterForm>
        {entries.length > 0 ? (
          <AuditTable entries={entries} />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="Nothing matches these filters" />
        ) : (
          <EmptyState icon={ScrollText} title="Nothing has been done yet" />
        )}
        {next !== null && (
          <p className="border-t border-line px-4 py-2.5 text-center">
            <Link to={`?${older}`} className="font-medium text-accent hover:underline">
              Older entries
            </Link>
          </p>
        )}
      </Card>
    </>
  );
}
