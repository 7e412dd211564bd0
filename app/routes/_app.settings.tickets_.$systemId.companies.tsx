import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, isId, notFound, type Context } from "~/auth/guard.server";
import { CompaniesCard, CompaniesImport } from "~/features/tickets/companies-card";
import {
  askForCompanies,
  readCompanies,
  rowsOfCsv,
  rowsOfForm,
  saveCompanies,
  type ReadRows,
} from "~/features/tickets/companies.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Companies of clients · Plumbline" }];

const permission = "integrations:manage";
const noSuchSystem = () => notFound("This ticket system does not exist or was removed.");

/**
 * The tenant's ticket system that the address names.
 * @throws Response 404
 */
function refOf({ tenantId, params }: Pick<Context, "tenantId" | "params">) {
  const systemId = params["systemId"];
  if (!isId(systemId)) throw noSuchSystem();
  return { tenantId, systemId };
}

export const loader = /* @__PURE__ */ guarded({ permission }, async (context) => {
  const ref = refOf(context);
  const page = await readCompanies(context.app.db, ref);
  if (page === null) throw noSuchSystem();
  return { ...page, systemId: ref.systemId };
});

async function save(context: Context, read: ReadRows, field: string) {
  const ref = refOf(context);
  if (!read.ok) return refused(problem(context.form, { [field]: read.problem }));
  if (!(await saveCompanies(context.app.db, ref, read.rows, actorOf(context)))) throw noSuchSystem();
  return done(`/settings/tickets/${ref.systemId}/companies`, "The companies of clients are saved.");
}

export const action = /* @__PURE__ */ guardedIntents({
  save: { permission, run: (context) => save(context, rowsOfForm(context.form), "save") },
  import: {
    permission,
    run: async (context) => {
      const page = await readCompanies(context.app.db, refOf(context));
      if (page === null) throw noSuchSystem();
      return save(context, rowsOfCsv(String(context.form.get("csv") ?? ""), page.clients), "csv");
    },
  },
  list: {
    permission,
    run: async (context) => {
      const { app } = context;
      const deps = { ...app.sync, ...app.tickets, mailer: app.notify.mailer };
      const outcome = await askForCompanies(deps, refOf(context));
      if (outcome === undefined) throw noSuchSystem();
      if (outcome.state === "failed")
        return refused(problem(context.form, { list: `There is no list: ${outcome.reason}.` }));
      return json({ companies: outcome.companies });
    },
  },
});

export default function CompaniesPage() {
  const { label, isUsed, clients, systemId } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  const general = refusal?.errors["list"] ?? refusal?.errors["save"];
  return (
    <>
      <PageHeader
        title={`Companies in ${label}`}
        back={{ to: "/settings/tickets", label: "Ticket systems" }}
        description="Which client is which company in the ticket system."
      />
      <div className="max-w-3xl space-y-5">
        {general !== undefined && (
          <Callout tone="bad" alert>
            {general}
          </Callout>
        )}
        {!isUsed && (
          <Callout tone="warn" title="Its tickets do not say the company">
            The request that opens a ticket has to contain {"{{client.companyId}}"}: edit the system,
            Requests. A system that is set up again from a preset has it.
          </Callout>
        )}
        <CompaniesCard
          clients={clients}
          companies={answer !== undefined && "companies" in answer ? answer.companies : []}
          csvHref={`/settings/tickets/${systemId}/companies.csv`}
        />
        <CompaniesImport error={refusal?.errors["csv"]} typed={refusal?.values["csv"]} />
      </div>
    </>
  );
}
