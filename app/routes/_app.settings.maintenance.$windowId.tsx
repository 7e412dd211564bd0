import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, idParam } from "~/auth/guard.server";
import { answerPreview, answerSave, noSuchWindow } from "~/features/maintenance/actions.server";
import { WindowPage } from "~/features/maintenance/window-page";
import { readWindowForm } from "~/features/maintenance/windows.page.server";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.values.name} · Plumbline` },
];

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:write" },
  async ({ app, tenantId, params }) => {
    const form = await readWindowForm(app.db, tenantId, idParam(params, "windowId"), { now: app.clock() });
    if (form === null) throw noSuchWindow();
    return form;
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  preview: {
    permission: "alerts:write",
    run: (context) => answerPreview(context, idParam(context.params, "windowId")),
  },
  save: {
    permission: "alerts:write",
    run: (context) => answerSave(context, idParam(context.params, "windowId")),
  },
});

export default function EditMaintenancePage() {
  const form = useLoaderData<typeof loader>();
  return <WindowPage title={form.values.name} form={form} answer={useActionData<typeof action>()} />;
}
