import { useActionData, useLoaderData } from "@remix-run/react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { connectionOf } from "~/features/connections/context.server";
import { readWebhookInfo } from "~/features/connections/integrations.page.server";
import { refusalIn } from "~/features/connections/refusal";
import { webhookIntents } from "~/features/webhooks/actions.server";
import { WebhookCard } from "~/features/webhooks/webhook-card";
import { WebhookHealthCard } from "~/features/webhooks/webhook-health-card";
import { readWebhookHealth } from "~/features/webhooks/webhook-health.page.server";
import { WebhookInstructions } from "~/features/webhooks/webhook-instructions";
import { Callout } from "~/ui/callout";

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read", provider: "levelio" },
  async (context) => {
    const { app, tenant, user } = context;
    const { ref } = await connectionOf(context, "levelio");
    return {
      webhook: await readWebhookInfo(app.db, tenant, ref.connectionId, app.config.publicUrl),
      health: await readWebhookHealth(app.db, tenant.id, ref.connectionId, app.clock()),
      connectionId: ref.connectionId,
      mayManage: allows(user.role, "integrations:manage"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents(webhookIntents);

export default function WebhookPage() {
  const { webhook, health, connectionId, mayManage } = useLoaderData<typeof loader>();
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
      <WebhookHealthCard health={health} connectionId={connectionId} mayManage={mayManage} />
      <WebhookInstructions url={webhook.url} />
    </div>
  );
}
