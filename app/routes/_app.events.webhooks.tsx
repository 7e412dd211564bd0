import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { guarded, guardedIntents, isId, notFound } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { EventsHeader } from "~/components/events/event-tabs";
import { SubscriptionTable, UndeliveredTable } from "~/components/events/outgoing-tables";
import { SubscribeCard } from "~/components/events/subscribe-card";
import { count } from "~/components/ui/format";
import { publishedEvents } from "~/domain/published-events";
import { actorOf } from "../sync/actor";
import { readOutgoing } from "~/presenters/events.server";
import { replayOutgoing, subscribe, unsubscribe } from "~/use-cases.server";
import { done, problem, refused } from "~/web/form.server";

export const meta: MetaFunction = () => [{ title: "Outgoing webhooks · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, user }) => ({
    ...(await readOutgoing(app.db, tenantId)),
    mayManage: allows(user.role, "integrations:manage"),
  }),
);

/** Longer than any address that is meant. */
const MAX_URL = 2_000;

const here = "/events/webhooks";

export const action = /* @__PURE__ */ guardedIntents({
  subscribe: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const url = String(form.get("url") ?? "").trim();
      const eventNames = publishedEvents.filter((name) => form.get(`event:${name}`) === "on");
      if (url.length > MAX_URL) return refused(problem(form, { url: "This address is too long." }));
      if (eventNames.length === 0) return refused(problem(form, { events: "Choose at least one event." }));
      const outcome = await subscribe(app.sync, {
        tenantId,
        url,
        eventNames,
        allowPrivate: app.config.allowPrivateWebhooks,
        actor: actorOf(context),
      });
      if (outcome.state === "refused") return refused(problem(form, { url: outcome.reason }));
      return json({ secret: outcome.secret }, { headers: { "Cache-Control": "no-store" } });
    },
  },
  unsubscribe: {
    permission: "integrations:manage",
    run: async (context) => {
      const id = context.form.get("id");
      const { app, tenantId } = context;
      if (!isId(id) || !(await unsubscribe(app.sync, { tenantId, id }, actorOf(context)))) {
        throw notFound("This subscription does not exist, or not any more.");
      }
      return done(here, "No more events are sent there.");
    },
  },
  replay: {
    permission: "integrations:manage",
    run: async (context) => {
      const id = context.form.get("id");
      const { app, tenantId } = context;
      if (id !== null && !isId(id)) throw notFound();
      const replayed = await replayOutgoing(
        app.sync,
        { tenantId, ...(id === null ? {} : { ids: [id] }) },
        actorOf(context),
      );
      return done(
        here,
        replayed > 0 ? `${count(replayed, "event")} sent again soon.` : "Nothing was given up.",
      );
    },
  },
});

export default function OutgoingPage() {
  const { subscriptions, undelivered, mayManage } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  return (
    <>
      <EventsHeader />
      <div className="space-y-5">
        {mayManage && (
          <SubscribeCard
            errors={refusal?.errors ?? {}}
            url={refusal?.values["url"] ?? ""}
            secret={answer !== undefined && "secret" in answer ? answer.secret : undefined}
          />
        )}
        {subscriptions.length > 0 && (
          <SubscriptionTable subscriptions={subscriptions} mayManage={mayManage} />
        )}
        {undelivered.length > 0 && <UndeliveredTable undelivered={undelivered} mayManage={mayManage} />}
      </div>
    </>
  );
}
