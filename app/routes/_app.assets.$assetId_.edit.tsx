import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { readAsset, readClientChoices, readPlaceChoices } from "~/features/assets/assets.page.server";
import { EditAssetCard } from "~/features/assets/edit-asset-card";
import { editAsset } from "~/features/assets/edit-asset.server";
import { fieldLabels, placeLabels } from "~/features/assets/field-labels";
import { editAssetForm } from "~/features/assets/forms.server";
import { actorOf } from "~/platform/actor";
import { done, parseForm, problem, refused } from "~/platform/http/form.server";
import { staleText } from "~/platform/http/stale.server";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `Edit ${data.asset.name} · Plumbline` },
];

const assetFieldWords = {
  ...Object.fromEntries(Object.entries(fieldLabels).map(([field, word]) => [field, word.toLowerCase()])),
  ...Object.fromEntries(Object.entries(placeLabels).map(([field, { name }]) => [field, name.toLowerCase()])),
  held: "values that no sync overwrites",
};

const UNKNOWN = "This asset does not exist or was removed.";

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:write" },
  async ({ app, tenantId, params }) => {
    const detail = await readAsset(app.db, tenantId, idParam(params, "assetId"));
    if (detail === null) throw notFound(UNKNOWN);
    const { asset, client, held, version } = detail;
    const clients = await readClientChoices(app.db, tenantId);
    return { asset, client, held, version, clients, places: await readPlaceChoices(app.db, tenantId, asset) };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  edit: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const assetId = idParam(params, "assetId");
      const parsed = parseForm(editAssetForm, form);
      if (!parsed.ok) return refused(parsed.problem);
      const { version, ...fields } = parsed.data;
      const outcome = await editAsset(app.sync, { tenantId, assetId }, fields, version, actorOf(context));
      switch (outcome.state) {
        case "saved":
          return done(
            `/assets/${assetId}`,
            outcome.changed.length > 0
              ? "Saved. No sync overwrites it."
              : outcome.released.length > 0
                ? "Saved. The mapping decides again."
                : "Nothing changed.",
          );
        case "stale":
          return refused(
            problem(form, {
              form: staleText({ ...outcome, by: outcome.by ?? "Somebody else, or a sync," }, assetFieldWords),
            }),
            409,
          );
        case "unknown_asset":
          throw notFound(UNKNOWN);
        case "unknown_client":
          throw notFound("This client does not exist or was removed.");
        case "archived_client":
          return refused(problem(form, { client: "This client is archived. Choose another." }));
        case "unknown_place":
          return refused(problem(form, { [outcome.field]: "The client does not have it (any more)." }));
      }
    },
  },
});

export default function EditAssetPage() {
  const { clients, places, ...detail } = useLoaderData<typeof loader>();
  const refusal = useActionData<typeof action>();
  const { asset } = detail;
  return (
    <>
      <PageHeader back={{ to: `/assets/${asset.id}`, label: asset.name }} title="Edit the asset" />
      <EditAssetCard key={asset.id} detail={detail} clients={clients} places={places} refusal={refusal} />
    </>
  );
}
