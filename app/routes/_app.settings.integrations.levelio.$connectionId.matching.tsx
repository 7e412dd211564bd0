import { useActionData, useLoaderData } from "@remix-run/react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { connectionOf, noSuchConnection } from "~/features/connections/context.server";
import { answerRulesPreview, answerRulesSave } from "~/features/matching-rules/actions.server";
import { RulesPage } from "~/features/matching-rules/rules-page";
import { readRulesPage } from "~/features/matching-rules/rules.page.server";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { ref } = await connectionOf(context, "levelio");
    const page = await context.inTenant((tx) => readRulesPage(tx, ref));
    if (page === null) throw noSuchConnection();
    return { ...page, mayManage: allows(context.user.role, "integrations:manage") };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  preview: { permission: "integrations:manage", provider: "levelio", run: answerRulesPreview },
  save: { permission: "integrations:manage", provider: "levelio", run: answerRulesSave },
});

export default function MatchingRulesPage() {
  return <RulesPage page={useLoaderData<typeof loader>()} answer={useActionData<typeof action>()} />;
}
