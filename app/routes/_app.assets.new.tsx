import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { addAssetForm } from "~/assets/forms.server";
import { guarded, guardedIntents, isId, notFound } from "~/auth/guard.server";
import { AssetFormFields } from "~/components/assets/asset-form";
import { ButtonLink } from "~/components/ui/button";
import { Card, CardBody, CardFooter } from "~/components/ui/card";
import { Field, Input } from "~/components/ui/field";
import { PostForm, SubmitButton } from "~/components/ui/form";
import { PageHeader } from "~/components/ui/page-header";
import { actorOf } from "../sync/actor";
import { readClientChoices } from "~/presenters/assets.server";
import { addAsset } from "~/use-cases.server";
import { done, parseForm, problem, refused } from "~/web/form.server";

export const meta: MetaFunction = () => [{ title: "Add an asset · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:write" },
  async ({ app, tenantId, url }) => {
    const client = url.searchParams.get("client");
    return {
      clients: await readClientChoices(app.db, tenantId),
      client: isId(client) ? client : "",
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  add: {
    permission: "assets:write",
    run: async (context) => {
      const parsed = parseForm(addAssetForm, context.form);
      if (!parsed.ok) return refused(parsed.problem);
      const outcome = await addAsset(context.app.sync, context.tenantId, parsed.data, actorOf(context));
      switch (outcome.state) {
        case "added":
          return done(`/assets/${outcome.assetId}`, `${parsed.data.name} is added.`);
        case "unknown_client":
          throw notFound("This client does not exist, or not any more.");
        case "archived_client":
          return refused(problem(context.form, { client: "This client is archived. Choose another." }));
        case "serial_taken":
          return refused(
            problem(context.form, {
              serialNumber: `${outcome.name}, of the same client, has this serial number.`,
            }),
            409,
          );
      }
    },
  },
});

export default function NewAssetPage() {
  const { clients, client } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const errors = refusal?.errors ?? {};
  return (
    <>
      <PageHeader
        back={{ to: "/assets", label: "Assets" }}
        title="Add an asset"
        description="A machine that no RMM knows. When one turns up with the same serial number, it becomes this asset and your words stay."
      />
      <Card className="max-w-xl">
        <PostForm intent="add">
          <CardBody className="space-y-4 pt-4">
            <AssetFormFields
              values={refusal?.values ?? { client }}
              errors={errors}
              clients={clients}
              noClient="Choose a client"
            >
              <Field label="Serial number" optional error={errors.serialNumber}>
                <Input
                  name="serialNumber"
                  defaultValue={refusal?.values.serialNumber}
                  maxLength={100}
                  autoComplete="off"
                />
              </Field>
            </AssetFormFields>
          </CardBody>
          <CardFooter>
            <ButtonLink to="/assets" variant="ghost">
              Cancel
            </ButtonLink>
            <SubmitButton intent="add">Add the asset</SubmitButton>
          </CardFooter>
        </PostForm>
      </Card>
    </>
  );
}
