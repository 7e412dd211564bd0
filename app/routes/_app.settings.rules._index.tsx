import type { MetaFunction } from "@remix-run/node";
import { useLoaderData } from "@remix-run/react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { listActs } from "~/features/alert-rules/actions.server";
import { RuleList } from "~/features/alert-rules/rule-table";
import { readRules } from "~/features/alert-rules/rules.page.server";
import { ButtonLink } from "~/ui/button";
import { Card } from "~/ui/card";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Rules · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "alerts:read" },
  async ({ app, tenantId, user }) => ({
    rules: await readRules(app.db, tenantId),
    mayManage: allows(user.role, "integrations:manage"),
    mayManageAutomations: allows(user.role, "automations:manage"),
  }),
);

const permission = "integrations:manage";

export const action = /* @__PURE__ */ guardedIntents({
  enable: { permission, run: (context) => listActs.enable(context) },
  disable: { permission, run: (context) => listActs.disable(context) },
  up: { permission, run: (context) => listActs.up(context) },
  down: { permission, run: (context) => listActs.down(context) },
  delete: { permission, run: (context) => listActs.delete(context) },
});

export default function RulesPage() {
  const { rules, ...may } = useLoaderData<typeof loader>();
  return (
    <>
      <PageHeader
        title="Rules"
        description="What happens when an incident opens. Every rule that matches acts, from the top down, until one says stop."
        actions={
          may.mayManage && rules.length > 0 && <ButtonLink to="/settings/rules/new">New rule</ButtonLink>
        }
      />
      <Card>
        <RuleList rules={rules} {...may} />
      </Card>
    </>
  );
}
