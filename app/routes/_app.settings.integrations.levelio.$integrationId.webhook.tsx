import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { WebhookHealthCard } from "~/components/alerts/webhook-health-card";
import { refusalIn } from "~/components/integrations/refusal";
import { WebhookCard } from "~/components/integrations/webhook-card";
import { WebhookInstructions } from "~/components/integrations/webhook-instructions";
import { Callout } from "~/components/ui/callout";
import { connectionOf } from "~/integrations/connection-context.server";
import { webhookIntents } from "~/integrations/webhook-actions.server";
import { readWebhookInfo } from "~/presenters/integrations.server";
import { readWebhookHealth } from "~/presenters/webhook-health.server";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, tenant, user } = context;
    const { ref } = await connectionOf(context, "levelio");
    return {
      webhook: await readWebhookInfo(app.db, tenant, ref.integrationId, app.config.publicUrl),
      health: await readWebhookHealth(app.db, tenant.id, ref.integrationId, app.clock()),
      integrationId: ref.integrationId,
      mayManage: allows(user.role, "integrations:manage"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(webhookIntents);

export default function WebhookPage() {
  const { webhook, health, integrationId, mayManage } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = refusalIn(answer);
  return (
    <div className="space-y-5">
      {refusal?.errors.reveal !== undefined && (
        <Callout tone="bad" alert>
          {refusal.errors.reveal}
        </Callout>
      )}
      <WebhookCard
        info={webhook}
        mayManage={mayManage}
        revealed={answer !== undefined && "secret" in answer ? answer.secret : undefined}
      />
      {refusal?.errors.test !== undefined && (
        <Callout tone="bad" alert>
          {refusal.errors.test}
        </Callout>
      )}
      <WebhookHealthCard health={health} integrationId={integrationId} mayManage={mayManage} />
      <WebhookInstructions url={webhook.url} />
    </div>
  );
}
