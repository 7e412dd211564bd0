import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { Building2, SearchX } from "lucide-react";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { ClientTable } from "~/features/clients/client-table";
import { clientSearch, readClients } from "~/features/clients/clients.page.server";
import { ClientsTabs } from "~/features/clients/clients-tabs";
import { createClient } from "~/features/clients/clients.server";
import { clientForm } from "~/features/clients/forms.server";
import { NewClient } from "~/features/clients/new-client";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { searchText } from "~/platform/http/paging";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { FilterForm } from "~/ui/filter-form";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Clients · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, url, user }) => {
    const text = searchText(url.searchParams);
    const archived = url.searchParams.get("archived") === "1";
    const search = clientSearch(url.searchParams);
    return {
      ...(await readClients(app.db, tenantId, { text, archived }, search, app.clock())),
      order: search.order,
      text: text ?? "",
      showsArchived: archived,
      mayWrite: allows(user.role, "clients:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  create: {
    permission: "clients:write",
    run: async (context) => {
      const parsed = parseForm(clientForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await createClient(context, parsed.data);
      if (outcome.state === "name_taken") {
        return refused(problem(context.form, { name: "There is a client of this name already." }));
      }
      return done(`/clients/${outcome.id}`, `${parsed.data.name} is created.`);
    },
  },
});

export default function ClientsPage() {
  const { rows, total, archived, next, order, text, showsArchived, mayWrite } =
    useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const isFiltered = text !== "" || showsArchived || total > 0;
  return (
    <>
      <PageHeader
        title="Clients"
        description="The companies you manage. Map the groups of your RMM to them, and they get its assets."
        actions={
          <>
            <DownloadLink
              href={`/clients.csv${order.sort === "name" && !order.isReversed ? "" : `?sort=${order.sort}${order.isReversed ? "&order=reverse" : ""}`}`}
            />
            <DownloadLink href="/clients/sites.csv">Sites</DownloadLink>
            <DownloadLink href="/clients/contacts.csv">Contacts</DownloadLink>
            {mayWrite && <NewClient refusal={refusal} />}
          </>
        }
      />
      <ClientsTabs />
      <Card>
        <FilterForm text={text} placeholder="Name">
          {order.sort !== "name" && <input type="hidden" name="sort" value={order.sort} />}
          {order.isReversed && <input type="hidden" name="order" value="reverse" />}
          {showsArchived && <input type="hidden" name="archived" value="1" />}
          {(archived > 0 || showsArchived) && (
            <Link
              to={showsArchived ? "/clients" : "/clients?archived=1"}
              className="self-center text-sm font-medium text-accent hover:underline"
            >
              {showsArchived ? "Show current clients" : count(archived, "archived client")}
            </Link>
          )}
        </FilterForm>
        {rows.length > 0 ? (
          <ClientTable clients={rows} {...order} />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="No client matches" />
        ) : (
          <EmptyState icon={Building2} title="No clients yet">
            Create them here, import them from a CSV file, or make them from the groups of your RMM while
            mapping.
          </EmptyState>
        )}
        {total > 0 && <KeysetPagination shown={rows.length} total={total} next={next} noun="client" />}
      </Card>
    </>
  );
}
