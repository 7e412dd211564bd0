import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, isId, notFound } from "~/auth/guard.server";
import { answerPreview, answerSave, noSuchWindow } from "~/features/maintenance/actions.server";
import { WindowPage } from "~/features/maintenance/window-page";
import { readWindowForm } from "~/features/maintenance/windows.page.server";

export const meta: MetaFunction = () => [{ title: "Plan maintenance · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:write" },
  async ({ app, tenantId, url }) => {
    const asset = url.searchParams.get("asset");
    const assetId = isId(asset) ? asset : undefined;
    const form = await readWindowForm(app.db, tenantId, undefined, { assetId, now: app.clock() });
    if (form === null) throw noSuchWindow();
    if (assetId !== undefined && form.values.conditions.assetIds.length === 0)
      throw notFound("This asset does not exist or was removed.");
    return form;
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  preview: { permission: "alerts:write", run: (context) => answerPreview(context, undefined) },
  save: { permission: "alerts:write", run: (context) => answerSave(context, undefined) },
});

export default function NewMaintenancePage() {
  return (
    <WindowPage
      title="Plan maintenance"
      form={useLoaderData<typeof loader>()}
      answer={useActionData<typeof action>()}
    />
  );
}
