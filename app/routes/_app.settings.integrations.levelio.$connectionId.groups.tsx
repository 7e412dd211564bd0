import { Form, Link, useActionData, useLoaderData, useSearchParams } from "@remix-run/react";
import { FolderTree, SearchX } from "lucide-react";

import { formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { connectionOf, noSuchConnection } from "~/features/connections/context.server";
import { levelPath } from "~/features/connections/paths";
import { refusalIn } from "~/features/connections/refusal";
import { groupIntents } from "~/features/mapping/actions.server";
import { GroupForm } from "~/features/mapping/group-form";
import { listPlace } from "~/features/mapping/list-place";
import { NextStep } from "~/features/mapping/next-step";
import { GROUPS_PAGE_SIZE, readGroupList, type GroupLine } from "~/features/mapping/mapping.page.server";
import { pageNumber, searchText, withinPages } from "~/platform/http/paging";
import { Badge } from "~/ui/badge";
import { Button, ButtonLink } from "~/ui/button";
import { Absent, Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Field, Input } from "~/ui/field";
import { Pagination } from "~/ui/pagination";
import { Table, Td, Th, Tr } from "~/ui/table";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, url, user } = context;
    const { ref } = await connectionOf(context, "levelio");
    const text = searchText(url.searchParams);
    const page = pageNumber(url.searchParams);
    const list = await readGroupList(app.db, ref, { text, page, chosen: url.searchParams.get("group") });
    if (list === null) throw noSuchConnection();
    withinPages(url, page, GROUPS_PAGE_SIZE, list);
    const mayEdit = allows(user.role, "integrations:manage");
    const { chosen, clients, ...shown } = list;
    return {
      ...shown,
      // Needed for the form alone: a list of 2,000 names is not sent for nothing.
      editing: mayEdit && chosen !== null ? { group: chosen, clients } : null,
      page,
      pageSize: GROUPS_PAGE_SIZE,
      query: text ?? "",
      path: levelPath(ref.connectionId),
      mayEdit,
      maySync: allows(user.role, "syncs:run"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(groupIntents);

/** The mapping as a plain list, for whoever has no scripts or prefers one group at a time. */
export default function GroupListPage() {
  const { rows, total, editing, version, page, pageSize, query, path, mayEdit, maySync, devicesAreKnown } =
    useLoaderData<typeof loader>();
  const [params] = useSearchParams();
  const answer = useActionData<typeof action>();
  const refusal = refusalIn(answer);
  const looked = answer !== undefined && "preview" in answer ? answer : undefined;
  return (
    <div className="space-y-5">
      {params.has("saved") && editing === null && <NextStep path={path} maySync={maySync} />}
      {editing !== null && (
        <GroupForm
          key={editing.group.id}
          group={editing.group}
          clients={editing.clients}
          version={version}
          refusal={refusal}
          preview={looked?.preview}
          values={looked?.values}
          cancelTo={`${path}/groups${listPlace(params)}`}
        />
      )}
      <Card>
        <Form role="search" className="flex flex-wrap items-end gap-2 border-b border-line p-3">
          <Field label="Search groups" labelHidden className="min-w-48 flex-1 sm:max-w-72">
            <Input name="q" type="search" defaultValue={query} placeholder="Search groups" />
          </Field>
          <Button type="submit">Search</Button>
          <ButtonLink to={`${path}/mapping`} variant="ghost" className="ml-auto">
            <FolderTree aria-hidden />
            Show as a tree
          </ButtonLink>
        </Form>
        {rows.length === 0 ? (
          <EmptyState icon={SearchX} title={query === "" ? "No groups are known yet" : "No group fits"} />
        ) : (
          <Table label="Groups and their clients">
            <thead>
              <tr>
                <Th>Group</Th>
                <Th className="text-right">Devices</Th>
                <Th className="hidden sm:table-cell">Client</Th>
                {mayEdit && (
                  <Th>
                    <span className="sr-only">Change</span>
                  </Th>
                )}
              </tr>
            </thead>
            <tbody>
              {rows.map((row) => (
                <Tr key={row.id}>
                  <Td className="max-w-96 min-w-40 wrap-anywhere">
                    {row.path} {row.isGone && <Badge tone="bad">gone from Level</Badge>}
                    <span className="block text-xs sm:hidden">
                      <LineState row={row} />
                    </span>
                  </Td>
                  <Td className="text-right text-ink-muted">
                    {devicesAreKnown ? formatNumber(row.devices) : <Absent />}
                  </Td>
                  <Td className="hidden max-w-72 min-w-32 wrap-anywhere sm:table-cell">
                    <LineState row={row} />
                  </Td>
                  {mayEdit && (
                    <Td className="text-right">
                      <Link
                        to={listPlace(params, row.id)}
                        className="font-medium text-accent hover:underline"
                      >
                        Change<span className="sr-only"> {row.path}</span>
                      </Link>
                    </Td>
                  )}
                </Tr>
              ))}
            </tbody>
          </Table>
        )}
        {total > 0 && <Pagination page={page} pageSize={pageSize} total={total} noun="groups" />}
      </Card>
    </div>
  );
}

function LineState({ row }: { row: GroupLine }) {
  if (row.skip === "excluded")
    return <span className="text-ink-muted">{row.isInherited ? "Excluded above" : "Excluded"}</span>;
  if (row.client === null) return <span className="text-warn">Not mapped</span>;
  if (row.isInherited) return <span className="text-ink-muted">inherits {row.client}</span>;
  return <span>{row.client}</span>;
}
