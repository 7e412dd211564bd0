import type { MetaFunction } from "@remix-run/node";
import { Form, Link, useActionData, useLoaderData } from "@remix-run/react";

import { count } from "@domain/format";
import { UNDO_DAYS } from "@domain/merge-assets";
import { guarded, guardedIntents, idParam, isId, notFound } from "~/auth/guard.server";
import { mergeAssets } from "~/features/device-sync/merge-assets.server";
import { MachineFacts } from "~/features/review/machine-facts";
import { readMerge } from "~/features/review/merge.page.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { searchText } from "~/platform/http/paging";
import { Badge } from "~/ui/badge";
import { Button, ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardFooter, CardHeader, Fact, Facts } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `Merge ${data.name} · Plumbline` },
];

const UNKNOWN = "This asset does not exist or was removed.";

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:write" },
  async ({ app, tenantId, params, url }) => {
    const assetId = idParam(params, "assetId");
    const chosen = url.searchParams.get("with");
    const text = searchText(url.searchParams);
    const withId = isId(chosen) && chosen !== assetId ? chosen : undefined;
    const merge = await readMerge(app.db, tenantId, { assetId, withId, text });
    if (merge === null) throw notFound(UNKNOWN);
    return { ...merge, assetId, text: text ?? "" };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  merge: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const other = form.get("with");
      if (!isId(other))
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      const assetIds: [string, string] = [idParam(params, "assetId"), other];
      const outcome = await mergeAssets(app.sync, { tenantId, assetIds }, actorOf(context));
      switch (outcome.state) {
        case "merged":
          return done(`/assets/${outcome.keptId}`, `Merged into ${outcome.name}.`);
        case "unknown_asset":
          throw notFound(UNKNOWN);
        case "same":
          return refused(problem(form, { form: "An asset cannot be merged with itself." }));
        case "both_online":
          return refused(
            problem(form, { form: "Both are online at this moment, so they are two machines." }),
            409,
          );
      }
    },
  },
});

export default function MergePage() {
  const { name, choices, preview, assetId, text } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  return (
    <>
      <PageHeader
        back={{ to: `/assets/${assetId}`, label: name }}
        title={`Merge ${name}`}
        description="For one machine that has two assets, because it was set up again."
      />
      {refusal?.errors.form !== undefined && (
        <Callout tone="bad" alert className="mb-5" title={refusal.errors.form} />
      )}
      {preview === null ? (
        <Card>
          <CardHeader title="With which asset?" description="Assets of the same client." />
          <CardBody>
            <Form className="mb-3 flex flex-wrap gap-2">
              <Field label="Search assets" labelHidden className="min-w-48 flex-1">
                <Input type="search" name="q" defaultValue={text} placeholder="Name or serial number" />
              </Field>
              <Button type="submit">Search</Button>
            </Form>
            <ul>
              {choices.map((choice) => (
                <li key={choice.id} className="border-t border-line py-2 text-sm">
                  <Link to={`?with=${choice.id}`} className="font-medium hover:underline">
                    {choice.name}
                  </Link>{" "}
                  <span className="text-ink-muted">{choice.serialNumber}</span>{" "}
                  {choice.status !== "active" && <Badge className="capitalize">{choice.status}</Badge>}
                </li>
              ))}
            </ul>
            {choices.length === 0 && (
              <p className="text-sm text-ink-muted">No other asset of this client fits.</p>
            )}
          </CardBody>
        </Card>
      ) : (
        <Card>
          <CardHeader
            title={`One asset: ${preview.fields.name}`}
            description={`The devices, notes and ${count(preview.alerts, "alert")} of both join. It can be undone for ${UNDO_DAYS} days.`}
          />
          <CardBody className="space-y-4">
            <div className="grid gap-4 sm:grid-cols-2">
              {[preview.former, preview.current].map((asset) => (
                <section key={asset.assetId} className="min-w-0 rounded-md border border-line p-3">
                  <h3 className="truncate text-sm font-medium">{asset.name}</h3>
                  <p className="mb-2 text-xs text-ink-muted">
                    {asset.assetId === preview.keptId
                      ? "Stays, with its history"
                      : "Becomes part of the other"}
                    {asset.assetId === preview.current.assetId && " · its device speaks for the machine"}
                  </p>
                  <MachineFacts asset={asset} />
                </section>
              ))}
            </div>
            <Facts>
              <Fact name="Type">{preview.fields.type}</Fact>
              <Fact name="Location">{preview.fields.location}</Fact>
              <Fact name="Notes">{preview.fields.notes}</Fact>
            </Facts>
            {preview.areBothOnline && (
              <Callout tone="warn" title="Both are online at this moment, so they are two machines." />
            )}
          </CardBody>
          <PostForm intent="merge">
            <input type="hidden" name="with" value={preview.withId} />
            <CardFooter>
              <ButtonLink to={`/assets/${assetId}`} variant="ghost">
                Cancel
              </ButtonLink>
              <SubmitButton intent="merge" disabled={preview.areBothOnline}>
                Merge the two
              </SubmitButton>
            </CardFooter>
          </PostForm>
        </Card>
      )}
    </>
  );
}
