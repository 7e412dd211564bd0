import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, isId, notFound } from "~/auth/guard.server";
import { addAsset } from "~/features/assets/add-asset.server";
import { AssetFormFields } from "~/features/assets/asset-form";
import { readClientChoices } from "~/features/assets/assets.page.server";
import { addAssetForm } from "~/features/assets/forms.server";
import { actorOf } from "~/platform/actor";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { ButtonLink } from "~/ui/button";
import { Card, CardBody, CardFooter } from "~/ui/card";
import { Field, Input } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";

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
          throw notFound("This client does not exist or was removed.");
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
        <PostForm intent="add" asksBeforeLeaving>
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
