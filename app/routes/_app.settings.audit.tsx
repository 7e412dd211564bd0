import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useLoaderData, useLocation, useSubmit } from "@remix-run/react";
import { ScrollText, Search, SearchX } from "lucide-react";

import { guarded, isId } from "~/auth/guard.server";
import { AuditTable } from "~/components/audit/audit-table";
import { actionText } from "~/components/audit/audit-words";
import { Button } from "~/components/ui/button";
import { Card } from "~/components/ui/card";
import { EmptyState } from "~/components/ui/empty-state";
import { Field, Input, Select } from "~/components/ui/field";
import { PageHeader } from "~/components/ui/page-header";
import { readAudit } from "~/presenters/audit.server";
import { searchText } from "~/presenters/paging";
import { dayBounds } from "~/web/day.server";
import { readTimeZone } from "~/web/preferences.server";

export const meta: MetaFunction = () => [{ title: "Audit log · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "audit:read" },
  async ({ app, tenantId, url, request }) => {
    const params = url.searchParams;
    const text = searchText(params);
    const action = searchText(params, "action");
    const before = params.get("before");
    const zone = readTimeZone(request);
    const from = dayBounds(params.get("from"), zone)?.start;
    const to = dayBounds(params.get("to"), zone)?.end;
    const filter = {
      ...(text === undefined ? {} : { text }),
      ...(action === undefined ? {} : { action }),
      ...(from === undefined ? {} : { from }),
      ...(to === undefined ? {} : { to }),
    };
    return {
      ...(await readAudit(app.db, tenantId, filter, isId(before) ? before : undefined)),
      values: {
        q: text ?? "",
        action: action ?? "",
        from: from === undefined ? "" : params.get("from")!,
        to: to === undefined ? "" : params.get("to")!,
      },
      isFiltered: Object.keys(filter).length > 0,
    };
  },
);

export default function AuditPage() {
  const { entries, next, actions, values, isFiltered } = useLoaderData<typeof loader>();
  const submit = useSubmit();
  const { search } = useLocation();
  const older = new URLSearchParams(search);
  older.set("before", next ?? "");
  const things = [...new Set(actions.map((action) => action.split(".")[0] ?? action))];
  return (
    <>
      <PageHeader title="Audit log" description="Who did what, when, and from where." />
      <Card>
        <Form
          role="search"
          className="flex flex-wrap items-end gap-2 border-b border-line p-3"
          onChange={(event) => submit(event.currentTarget, { replace: true, preventScrollReset: true })}
        >
          <Field label="Search" labelHidden className="relative min-w-48 flex-1">
            <Search
              aria-hidden
              className="pointer-events-none absolute top-2 left-2.5 size-4 text-ink-faint"
            />
            <Input
              type="search"
              name="q"
              defaultValue={values.q}
              placeholder="Person, name, id"
              className="pl-8.5"
            />
          </Field>
          <Field label="Action" labelHidden>
            <Select name="action" defaultValue={values.action} className="w-48">
              <option value="">All actions</option>
              {things.map((thing) => (
                <optgroup key={thing} label={actionText(thing)}>
                  <option value={thing}>{actionText(thing)}: all</option>
                  {actions
                    .filter((action) => action.startsWith(`${thing}.`))
                    .map((action) => (
                      <option key={action} value={action}>
                        {actionText(action)}
                      </option>
                    ))}
                </optgroup>
              ))}
            </Select>
          </Field>
          <Field label="From">
            <Input type="date" name="from" defaultValue={values.from} className="w-36" />
          </Field>
          <Field label="To">
            <Input type="date" name="to" defaultValue={values.to} className="w-36" />
          </Field>
          <noscript>
            <Button type="submit">Show</Button>
          </noscript>
        </Form>
        {entries.length > 0 ? (
          <AuditTable entries={entries} />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="Nothing fits these filters" />
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
