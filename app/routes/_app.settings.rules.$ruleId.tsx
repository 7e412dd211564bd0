import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, idParam } from "~/auth/guard.server";
import { answerRulePreview, answerRuleSave, noSuchRule } from "~/features/alert-rules/actions.server";
import { RulePage } from "~/features/alert-rules/rule-page";
import { readRuleForm } from "~/features/alert-rules/rules.page.server";

export const meta: MetaFunction<typeof loader> = ({ data }) => [
  { title: !data ? "Plumbline" : `${data.values.name} · Plumbline` },
];

const permission = "integrations:manage";

export const loader = /* @__PURE__ */ guarded({ permission }, async ({ app, tenantId, params }) => {
  const form = await readRuleForm(app.db, tenantId, idParam(params, "ruleId"));
  if (form === null) throw noSuchRule();
  return form;
});

export const action = /* @__PURE__ */ guardedIntents({
  preview: { permission, run: (context) => answerRulePreview(context, idParam(context.params, "ruleId")) },
  save: { permission, run: (context) => answerRuleSave(context, idParam(context.params, "ruleId")) },
});

export default function EditRulePage() {
  const form = useLoaderData<typeof loader>();
  return <RulePage title={form.values.name} form={form} answer={useActionData<typeof action>()} />;
}
