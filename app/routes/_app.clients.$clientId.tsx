import type { MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData } from "@remix-run/react";
import { FolderTree, Monitor } from "lucide-react";

import { maxClientName } from "@domain/client-name";
import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { readClient } from "~/features/clients/clients.page.server";
import { archiveClient, changeClient, knowsClient, restoreClient } from "~/features/clients/clients.server";
import { changeClientForm, mergeForm, undoMergeForm } from "~/features/clients/forms.server";
import { MergeCard, UndoMerge } from "~/features/clients/merge-card";
import { mergeClient, undoClientMerge } from "~/features/clients/merge.server";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText } from "~/platform/http/stale.server";
import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { EmptyState } from "~/ui/empty-state";
import { Field, Input, Textarea } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";
import { mappingPath } from "~/ui/paths";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.client.name} · Plumbline` },
];

const clientFieldWords = { name: "name", notes: "notes" };

const UNKNOWN = "This client does not exist, or not any more.";

export const loader = /* @__PURE__ */ guarded(
  { permission: "clients:read" },
  async ({ app, tenantId, params, user }) => {
    const detail = await readClient(app.db, tenantId, idParam(params, "clientId"), app.clock());
    if (detail === null) throw notFound(UNKNOWN);
    return { ...detail, mayWrite: allows(user.role, "clients:write") };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
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
  const { client, version, counts, groups, merges, others, mayWrite } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const errors = refusal?.errors ?? {};
  const late = errors.details === undefined ? undefined : refusal?.values;
  const isArchived = client.archivedAt !== null;
  return (
    <>
      <PageHeader
        back={{ to: "/clients", label: "Clients" }}
        title={client.name}
        description={`${count(counts.current, "asset")}, of them ${count(counts.servers, "server")}${counts.gone > 0 ? `; ${counts.gone} gone` : ""}${counts.retired > 0 ? `; ${counts.retired} retired` : ""}`}
        badges={isArchived && <Badge>Archived</Badge>}
        actions={
          <ButtonLink to={`/assets?client=${client.id}`}>
            <Monitor aria-hidden />
            Show the assets
          </ButtonLink>
        }
      />
      {errors.form !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {errors.form}
        </Callout>
      )}
      {mayWrite && merges.map((merge) => <UndoMerge key={merge.id} {...merge} />)}
      {/* Another client's page, as after a merge, begins with its own values. */}
      <div key={client.id} className="grid items-start gap-5 lg:grid-cols-2">
        <Card>
          <CardHeader
            title="Mapped groups"
            description="The groups whose devices become this client's assets."
          />
          {groups.length === 0 ? (
            <EmptyState icon={FolderTree} title="No group is mapped to this client" />
          ) : (
            <ul>
              {groups.map((group) => (
                <li key={group.id} className="border-t border-line px-4 py-2.5">
                  <Link
                    to={mappingPath({ provider: group.provider, id: group.integrationId })}
                    className="font-medium hover:underline"
                  >
                    {group.path}
                  </Link>
                  <p className="text-xs text-ink-faint">
                    {group.integration}
                    {group.goneAt !== null && " · gone from the RMM"}
                  </p>
                </li>
              ))}
            </ul>
          )}
        </Card>
        {mayWrite && (
          <div className="space-y-5">
            <Card>
              <PostForm intent="change" stored={version}>
                <CardHeader title="Details" />
                <CardBody className="space-y-4">
                  <input type="hidden" name="version" value={version} />
                  {errors.details !== undefined && (
                    <Callout tone="bad" alert>
                      {errors.details}
                    </Callout>
                  )}
                  <Field label="Name" error={errors.name} hint={storedNow(late?.name, client.name)}>
                    <Input
                      name="name"
                      defaultValue={refusal?.values.name ?? client.name}
                      required
                      maxLength={maxClientName}
                    />
                  </Field>
                  <Field
                    label="Notes"
                    optional
                    error={errors.notes}
                    hint={storedNow(late?.notes, client.notes ?? "")}
                  >
                    <Textarea
                      name="notes"
                      defaultValue={refusal?.values.notes ?? client.notes ?? ""}
                      rows={4}
                    />
                  </Field>
                </CardBody>
                <CardFooter>
                  <SubmitButton intent="change">Save</SubmitButton>
                </CardFooter>
              </PostForm>
            </Card>
            <MergeCard
              name={client.name}
              assets={counts.current + counts.gone + counts.retired}
              groups={groups.length}
              others={others}
              error={errors.into}
            />
            <Card>
              <CardHeader
                title={isArchived ? "Bring back" : "Archive"}
                description={
                  isArchived
                    ? "It appears among your clients again."
                    : "It leaves the lists. Its assets and its history are kept."
                }
                actions={
                  isArchived ? (
                    <PostForm intent="restore">
                      <SubmitButton intent="restore" variant="secondary" size="sm">
                        Bring back
                      </SubmitButton>
                    </PostForm>
                  ) : (
                    <ConfirmButton
                      intent="archive"
                      label="Archive"
                      title={`Archive ${client.name}?`}
                      confirm="Archive"
                    >
                      It leaves the lists. You can bring it back at any time.
                    </ConfirmButton>
                  )
                }
              />
            </Card>
          </div>
        )}
      </div>
    </>
  );
}

/** What is stored, beside what a form that came too late says instead. */
const storedNow = (typed: string | undefined, stored: string) =>
  typed === undefined || typed === stored ? undefined : (
    <span className="block break-words whitespace-pre-line">{`Stored now: ${stored || "nothing"}`}</span>
  );
