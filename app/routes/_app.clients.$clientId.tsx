import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { Pencil } from "lucide-react";

import { clientPartKinds } from "@domain/client-parts";
import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import {
  ClientAlertsCard,
  ClientAttentionCard,
  ClientCoverageCard,
  ClientPatchesCard,
  ClientStats,
  MappedGroupsCard,
} from "~/features/clients/client-overview";
import { clientPartIntents } from "~/features/clients/client-part-forms.server";
import { ClientPartsCard } from "~/features/clients/client-parts";
import { ClientSettings } from "~/features/clients/client-settings";
import { readClient, readClientOverview } from "~/features/clients/clients.page.server";
import { archiveClient, changeClient, knowsClient, restoreClient } from "~/features/clients/clients.server";
import { changeClientForm, mergeForm, undoMergeForm } from "~/features/clients/forms.server";
import { UndoMerge } from "~/features/clients/merge-card";
import { mergeClient, undoClientMerge } from "~/features/clients/merge.server";
import { CountChart, PatchTrend } from "~/features/device-ledger/count-chart";
import { readSeries } from "~/features/device-ledger/ledger.page.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText } from "~/platform/http/stale.server";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { PageHeader } from "~/ui/page-header";
import { PrintButton } from "~/ui/print-button";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.client.name} · Plumbline` },
];

const clientFieldWords = { name: "name", notes: "notes" };

const UNKNOWN = "This client does not exist or was removed.";

export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, params, user, url }) => {
    const isEditing = url.searchParams.has("edit");
    const detail = await readClient(app.db, tenantId, idParam(params, "clientId"), app.clock(), isEditing);
    if (detail === null) throw notFound(UNKNOWN);
    const { id, archivedAt } = detail.client;
    return {
      ...detail,
      overview: await readClientOverview(app.db, tenantId, id, archivedAt !== null, app.clock()),
      series: await readSeries(app.db, tenantId, id, app.clock()),
      isEditing,
      mayWrite: allows(user.role, "clients:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  // Listed one by one: the compiler keeps a call whose argument is spread, and the browser's bundle has no guard to
  // call.
  "add-site": { permission: "clients:write", run: (context) => clientPartIntents["add-site"].run(context) },
  "change-site": {
    permission: "clients:write",
    run: (context) => clientPartIntents["change-site"].run(context),
  },
  "remove-site": {
    permission: "clients:write",
    run: (context) => clientPartIntents["remove-site"].run(context),
  },
  "add-contact": {
    permission: "clients:write",
    run: (context) => clientPartIntents["add-contact"].run(context),
  },
  "change-contact": {
    permission: "clients:write",
    run: (context) => clientPartIntents["change-contact"].run(context),
  },
  "remove-contact": {
    permission: "clients:write",
    run: (context) => clientPartIntents["remove-contact"].run(context),
  },
  change: {
    permission: "clients:write",
    run: async (context) => {
      const clientId = idParam(context.params, "clientId");
      const parsed = parseForm(changeClientForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const { version, ...values } = parsed.data;
      const outcome = await changeClient(context, clientId, values, version);
      if (outcome === "unknown") throw notFound(UNKNOWN);
      if (outcome === "name_taken") {
        return refused(problem(context.form, { name: "Another client has this name." }));
      }
      if (outcome !== "changed") {
        return refused(problem(context.form, { details: staleText(outcome, clientFieldWords) }), 409);
      }
      return done(`/clients/${clientId}`, "Saved.");
    },
  },
  merge: {
    permission: "clients:write",
    run: async (context) => {
      const clientId = idParam(context.params, "clientId");
      const parsed = parseForm(mergeForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await mergeClient(context, clientId, parsed.data.into);
      switch (outcome.state) {
        case "unknown":
          throw notFound(UNKNOWN);
        case "same":
          return refused(problem(context.form, { into: "Choose another client than this one." }));
        case "archived":
          return refused(problem(context.form, { into: "This client is archived." }));
        case "merged":
          return done(
            `/clients/${parsed.data.into}`,
            `${count(outcome.assets, "asset")} and ${count(outcome.groups, "group")} moved to ${outcome.into}.`,
          );
      }
    },
  },
  "undo-merge": {
    permission: "clients:write",
    run: async (context) => {
      const clientId = idParam(context.params, "clientId");
      if (!(await knowsClient(context, clientId))) throw notFound(UNKNOWN);
      const parsed = parseForm(undoMergeForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await undoClientMerge(context, clientId, parsed.data.merge);
      switch (outcome.state) {
        case "unknown":
          return refused(
            problem(context.form, { form: "This merge was undone already, or is too long ago." }),
            409,
          );
        case "name_taken":
          return refused(
            problem(context.form, {
              form: "Another client has the merged client's name now. Rename one of them first.",
            }),
            409,
          );
        case "undone":
          return done(
            `/clients/${outcome.clientId}`,
            `The merge is undone: ${count(outcome.assets, "asset")} and ${count(outcome.groups, "group")} are back.`,
          );
      }
    },
  },
  archive: {
    permission: "clients:write",
    run: async (context) => {
      const clientId = idParam(context.params, "clientId");
      const outcome = await archiveClient(context, clientId);
      if (outcome.state === "unknown") throw notFound(UNKNOWN);
      if (outcome.state === "mapped") {
        const groups = count(outcome.groups, "group");
        return refused(
          problem(context.form, {
            form: `${groups} of your RMM still fill this client. Map them elsewhere first.`,
          }),
          409,
        );
      }
      return done("/clients", "The client is archived.");
    },
  },
  restore: {
    permission: "clients:write",
    run: async (context) => {
      const clientId = idParam(context.params, "clientId");
      const outcome = await restoreClient(context, clientId);
      if (outcome === "unknown") throw notFound(UNKNOWN);
      if (outcome === "name_taken") {
        return refused(
          problem(context.form, { form: "Another client has this name now. Rename one of them first." }),
          409,
        );
      }
      return done(`/clients/${clientId}`, "The client is back.");
    },
  },
});

export default function ClientPage() {
  const {
    client,
    version,
    sites,
    contacts,
    counts,
    groups,
    merges,
    others,
    mayWrite,
    isEditing,
    overview,
    series,
  } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const { summary, attention, patches, waitingDevices } = overview;
  const isArchived = client.archivedAt !== null;
  // A refusal is shown at the form that was sent.
  const sent = refusal?.values["intent"] ?? "";
  const ofClient = clientPartKinds.some((kind) => sent.endsWith(`-${kind}`)) ? undefined : refusal;
  const showsForm = mayWrite && (isEditing || (ofClient !== undefined && ofClient.errors.form === undefined));
  return (
    <>
      <PageHeader
        back={{ to: "/clients", label: "Clients" }}
        title={client.name}
        description={`${count(counts.current, "asset")}, of them ${count(counts.servers, "server")}${counts.gone > 0 ? `; ${counts.gone} gone` : ""}${counts.retired > 0 ? `; ${counts.retired} retired` : ""}`}
        badges={isArchived && <Badge>Archived</Badge>}
        actions={
          <div className="flex flex-wrap items-center gap-2 print:hidden">
            <DownloadLink href={`/clients/${client.id}/summary.csv`}>Summary as CSV</DownloadLink>
            <PrintButton />
            {mayWrite && !showsForm && (
              <ButtonLink to="?edit=1">
                <Pencil aria-hidden />
                Edit
              </ButtonLink>
            )}
            {showsForm && <ButtonLink to={`/clients/${client.id}`}>Close the form</ButtonLink>}
          </div>
        }
      />
      {refusal?.errors.form !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {refusal.errors.form}
        </Callout>
      )}
      {mayWrite && merges.map((merge) => <UndoMerge key={merge.id} {...merge} />)}
      {/* Another client's page, for example after a merge, begins with its own values. */}
      <div key={client.id}>
        {showsForm && (
          <ClientSettings
            client={client}
            version={version}
            refusal={ofClient}
            merge={{ assets: counts.current + counts.gone + counts.retired, groups: groups.length, others }}
          />
        )}
        {client.notes !== null && !showsForm && (
          <p className="mb-5 max-w-prose text-sm whitespace-pre-line text-ink-muted">{client.notes}</p>
        )}
        <ClientStats id={client.id} summary={summary} />
        <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-2 print:grid-cols-2 print:gap-3">
          <div className={COLUMN}>
            <ClientAttentionCard id={client.id} attention={attention} of={summary.assets} />
            <ClientAlertsCard id={client.id} alerts={attention.alerts} total={summary.alerts} />
            <Card>
              <CardHeader
                title="Devices over time"
                actions={
                  <Link
                    to={`/clients/counts?client=${client.id}`}
                    className="text-sm font-medium text-accent hover:underline print:hidden"
                  >
                    What changed
                  </Link>
                }
              />
              <CardBody>
                <CountChart title="Devices" points={series} />
              </CardBody>
            </Card>
            <MappedGroupsCard groups={groups} />
          </div>
          <div className={COLUMN}>
            <ClientCoverageCard id={client.id} attention={attention} of={summary.assets} />
            <ClientPatchesCard id={client.id} devices={patches} total={waitingDevices} />
            <Card>
              <CardHeader title="Pending updates over time" />
              <CardBody>
                <PatchTrend title="Pending updates" points={series} />
              </CardBody>
            </Card>
            <ClientPartsCard kind="site" parts={sites} mayWrite={mayWrite} refusal={refusal} />
            <ClientPartsCard kind="contact" parts={contacts} mayWrite={mayWrite} refusal={refusal} />
          </div>
        </div>
      </div>
    </>
  );
}

/** Columns with heights of their own, because cards of one row seldom have the same height. */
const COLUMN = "grid grid-cols-[minmax(0,1fr)] gap-5 print:gap-3";
