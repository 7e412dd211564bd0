import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents } from "~/auth/guard.server";
import { answerRulePreview, answerRuleSave, noSuchRule } from "~/features/alert-rules/actions.server";
import { RulePage } from "~/features/alert-rules/rule-page";
import { readRuleForm } from "~/features/alert-rules/rules.page.server";

export const meta: MetaFunction = () => [{ title: "New rule · Plumbline" }];

const permission = "integrations:manage";

export const loader = /* @__PURE__ */ guarded({ permission }, async ({ app, tenantId }) => {
  const form = await readRuleForm(app.db, tenantId, undefined);
  if (form === null) throw noSuchRule();
  return form;
});

export const action = /* @__PURE__ */ guardedIntents({
  preview: { permission, run: (context) => answerRulePreview(context, undefined) },
  save: { permission, run: (context) => answerRuleSave(context, undefined) },
});

export default function NewRulePage() {
  return (
    <RulePage
      title="New rule"
      form={useLoaderData<typeof loader>()}
      answer={useActionData<typeof action>()}
    />
  );
}
