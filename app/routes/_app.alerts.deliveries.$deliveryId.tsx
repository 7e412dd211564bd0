import type { MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { formatDuration } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, idParam, notFound } from "~/auth/guard.server";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { OutcomeBadge } from "~/features/alerts/alert-detail";
import { readDelivery } from "~/features/webhooks/deliveries.page.server";
import { About } from "~/features/webhooks/delivery-table";
import { replayDelivery } from "~/features/webhooks/replay.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card, CardBody, CardHeader, Fact, Facts } from "~/ui/card";
import { CopyButton } from "~/ui/copy-button";
import { eventTypeText, authSchemeLabels } from "~/ui/delivery-labels";
import { PostForm, SubmitButton } from "~/ui/form";
import { PageHeader } from "~/ui/page-header";
import { ExactTime } from "~/ui/time";

export const meta: MetaFunction = () => [{ title: "Delivery · Plumbline" }];

const noSuchDelivery = () => notFound("This delivery does not exist or was removed.");

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, params, user }) => {
    const delivery = await readDelivery(app.db, tenantId, idParam(params, "deliveryId"));
    if (delivery === null) throw noSuchDelivery();
    return { delivery, mayReplay: allows(user.role, "integrations:manage") };
  },
);

const replayedWords = {
  accepted: "Replayed: it was applied.",
  stale: "Replayed: something newer was known and was kept.",
  ignored: "Replayed: it is still of no known type.",
} as const;

export const action = /* @__PURE__ */ guardedIntents({
  replay: {
    permission: "integrations:manage",
    provider: "levelio",
    run: async (context) => {
      const { app, tenantId, params, form } = context;
      const deliveryId = idParam(params, "deliveryId");
      const ref = { tenantId, deliveryId };
      const outcome = await replayDelivery(app.sync, levelWebhookReader, ref, actorOf(context));
      const refuse = (text: string) => refused(problem(form, { form: text }), 409);
      switch (outcome.state) {
        case "replayed":
          return done(`/alerts/deliveries/${deliveryId}`, replayedWords[outcome.outcome]);
        case "unreadable":
          return refuse(`It still cannot be read: ${outcome.reason}.`);
        case "not_kept":
          return refuse("Its body was too long to be kept whole, so it cannot be replayed.");
        case "disconnected":
          return refuse("The connection it came from has ended.");
        case "unknown_delivery":
          throw noSuchDelivery();
      }
    },
  },
});

export default function DeliveryPage() {
  const { delivery, mayReplay } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const error = answer && "errors" in answer ? answer.errors.form : undefined;
  return (
    <>
      <PageHeader
        back={{ to: "/alerts/deliveries", label: "Deliveries" }}
        title={eventTypeText(delivery.eventType)}
        badges={<OutcomeBadge outcome={delivery.outcome} />}
        actions={
          mayReplay && (
            <PostForm intent="replay">
              <SubmitButton intent="replay" variant="secondary">
                Replay
              </SubmitButton>
            </PostForm>
          )
        }
      />
      {error !== undefined && (
        <Callout tone="bad" alert className="mb-5">
          {error}
        </Callout>
      )}
      {delivery.isRepaired && (
        <Callout tone="warn" title="The body was broken JSON and was repaired" className="mb-5">
          Level fills an alert’s words in as they are: a quote, a line break or a backslash in them breaks the
          JSON around it. Check what was read, or send form fields, which nothing breaks.
        </Callout>
      )}
      <div className="grid grid-cols-[minmax(0,1fr)] items-start gap-5 lg:grid-cols-2">
        <Card>
          <CardHeader title="Delivery" />
          <CardBody>
            <Facts>
              <Fact name="Received">
                <ExactTime at={delivery.receivedAt} />
              </Fact>
              <Fact name="Happened, as the sender says">
                {delivery.occurredAt === null ? null : <ExactTime at={delivery.occurredAt} />}
              </Fact>
              <Fact name="Method">{authSchemeLabels[delivery.scheme]}</Fact>
              <Fact name="Secret">
                {delivery.secretUsed === "previous" ? "the former one" : "the current one"}
              </Fact>
              <Fact name="Connection">{delivery.integration}</Fact>
              <Fact name="About">
                {delivery.alertId === null && delivery.externalDeviceId === null ? null : (
                  <About delivery={delivery} />
                )}
              </Fact>
              <Fact name="Answered">
                {delivery.responseStatus}, after {formatDuration(delivery.durationMs)}
              </Fact>
              <Fact name="Came again">
                {delivery.duplicates === 0 ? (
                  "no"
                ) : (
                  <>
                    {delivery.duplicates}×, last <ExactTime at={delivery.lastDuplicateAt} />
                  </>
                )}
              </Fact>
              <Fact name="Replayed">
                {delivery.replays === 0 ? (
                  "never"
                ) : (
                  <>
                    {delivery.replays}×, last <ExactTime at={delivery.replayedAt} />
                  </>
                )}
              </Fact>
              <Fact name="Reason">{delivery.reason}</Fact>
            </Facts>
            <p className="mt-4 text-xs text-ink-faint">
              Event <code className="font-mono break-all">{delivery.eventKey}</code>
            </p>
          </CardBody>
        </Card>
        {delivery.body !== null && (
          <Card>
            <CardHeader
              title="Body"
              description={delivery.bodyIsCut ? "Very long, and cut here." : "As it came, without secrets."}
              actions={<CopyButton text={delivery.body} label="Copy the body" />}
            />
            <CardBody>
              <pre
                tabIndex={0}
                aria-label="Body of the delivery"
                className="max-h-[32rem] overflow-auto rounded-md border border-line bg-sunken p-3 font-mono text-xs"
              >
                {delivery.body}
              </pre>
            </CardBody>
          </Card>
        )}
      </div>
    </>
  );
}
