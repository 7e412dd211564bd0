import { json, type MetaFunction } from "@remix-run/node";
import { useActionData, useLoaderData } from "@remix-run/react";

import { chatEvents } from "@domain/chat-messages";
import { count, formatDuration } from "@domain/format";
import { allows } from "@domain/permissions";
import { publishedEvents } from "@domain/published-events";
import { guarded, guardedIntents, isId, notFound } from "~/auth/guard.server";
import {
  changeSubscription,
  dropLegacySignature,
  pauseSubscription,
  renewSigningSecret,
} from "~/features/event-subscriptions/change-subscription.server";
import { EventsHeader } from "~/features/event-subscriptions/event-tabs";
import { readDeliveriesTo, readOutgoing } from "~/features/event-subscriptions/events.page.server";
import {
  DeliveryLogCard,
  SubscriptionTable,
  UndeliveredTable,
} from "~/features/event-subscriptions/outgoing-tables";
import {
  ChannelCard,
  EditCard,
  NewSecret,
  SubscribeCard,
} from "~/features/event-subscriptions/subscribe-card";
import {
  addChannel,
  replayOutgoing,
  subscribe,
  unsubscribe,
} from "~/features/event-subscriptions/subscriptions.server";
import { testSubscription } from "~/features/event-subscriptions/test-subscription.server";
import { actorOf } from "~/platform/actor";
import { done, problem, refused } from "~/platform/http/form.server";
import { staleText, versionField } from "~/platform/http/stale.server";
import { Callout } from "~/ui/callout";

export const meta: MetaFunction = () => [{ title: "Outgoing webhooks · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, user, url }) => {
    const outgoing = await readOutgoing(app.db, tenantId);
    const mayManage = allows(user.role, "integrations:manage");
    const id = url.searchParams.get("edit");
    const edited = mayManage ? outgoing.subscriptions.find((one) => one.id === id) : undefined;
    const deliveries = edited === undefined ? [] : await readDeliveriesTo(app.db, tenantId, edited.id);
    return { ...outgoing, mayManage, edited: edited ?? null, deliveries };
  },
);

/** The most characters of an address: longer than any real one. */
const MAX_URL = 2_000;

const here = "/events/webhooks";

/** The subscription in a form, or the errors in it. */
function readSubscription(form: FormData) {
  const url = String(form.get("url") ?? "").trim();
  const eventNames = publishedEvents.filter((name) => form.get(`event:${name}`) === "on");
  if (url.length > MAX_URL) return { ok: false, errors: { url: "This address is too long." } } as const;
  if (eventNames.length === 0)
    return { ok: false, errors: { events: "Choose at least one event." } } as const;
  return { ok: true, url, eventNames, includesRecord: form.get("record") === "on" } as const;
}

/**
 * The tenant's subscription that a form names.
 * @throws Response 404
 */
function refOf({ tenantId, form }: { tenantId: string; form: FormData }) {
  const id = form.get("id");
  if (!isId(id)) throw noSuchSubscription();
  return { tenantId, id };
}

const noSuchSubscription = () => notFound("This subscription does not exist or was removed.");

const shownOnce = (secret: string) => json({ secret }, { headers: { "Cache-Control": "no-store" } });

export const action = /* @__PURE__ */ guardedIntents({
  subscribe: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const read = readSubscription(form);
      if (!read.ok) return refused(problem(form, read.errors));
      const { url, eventNames, includesRecord } = read;
      const allowPrivate = app.config.allowPrivateWebhooks;
      const actor = actorOf(context);
      const outcome = await subscribe(app.sync, {
        tenantId,
        url,
        eventNames,
        includesRecord,
        allowPrivate,
        actor,
      });
      if (outcome.state === "refused") return refused(problem(form, { url: outcome.reason }));
      return shownOnce(outcome.secret);
    },
  },
  add_channel: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const url = String(form.get("channel") ?? "").trim();
      const eventNames = chatEvents.filter((name) => form.get(`event:${name}`) === "on");
      const format = form.get("format") === "teams" ? "teams" : "slack";
      if (url.length > MAX_URL) return refused(problem(form, { channel: "This address is too long." }));
      if (eventNames.length === 0)
        return refused(problem(form, { channelEvents: "Choose at least one event." }));
      const allowPrivate = app.config.allowPrivateWebhooks;
      const request = { tenantId, url, format, eventNames, allowPrivate, actor: actorOf(context) } as const;
      const outcome = await addChannel(app.sync, { ...request, eventNames });
      if (outcome.state === "refused") return refused(problem(form, { channel: outcome.reason }));
      return done(here, "Incidents are posted there from now on. Send a test to see it.");
    },
  },
  change: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, form } = context;
      const read = readSubscription(form);
      if (!read.ok) return refused(problem(form, read.errors));
      const version = versionField.safeParse(form.get("version") ?? undefined).data;
      const change = { ...read, version, allowPrivate: app.config.allowPrivateWebhooks };
      const outcome = await changeSubscription(app.sync, refOf(context), change, actorOf(context));
      switch (outcome.state) {
        case "changed":
          return done(here, "The subscription is saved.");
        case "refused":
          return refused(problem(form, { url: outcome.reason }));
        case "stale":
          return refused(
            problem(form, { form: staleText(outcome, { url: "address", events: "events" }) }),
            409,
          );
        case "unknown":
          throw noSuchSubscription();
      }
    },
  },
  pause: {
    permission: "integrations:manage",
    run: async (context) => {
      const ref = { ...refOf(context), isPaused: true };
      if (!(await pauseSubscription(context.app.sync, ref, actorOf(context)))) throw noSuchSubscription();
      return done(here, "Paused: nothing is sent there until you resume it.");
    },
  },
  resume: {
    permission: "integrations:manage",
    run: async (context) => {
      const ref = { ...refOf(context), isPaused: false };
      if (!(await pauseSubscription(context.app.sync, ref, actorOf(context)))) throw noSuchSubscription();
      return done(here, "Events are sent there again.");
    },
  },
  renew: {
    permission: "integrations:manage",
    run: async (context) => {
      const secret = await renewSigningSecret(context.app.sync, refOf(context), actorOf(context));
      if (secret === undefined) throw noSuchSubscription();
      return shownOnce(secret);
    },
  },
  drop_legacy: {
    permission: "integrations:manage",
    run: async (context) => {
      if (!(await dropLegacySignature(context.app.sync, refOf(context), actorOf(context))))
        throw noSuchSubscription();
      return done(here, "X-Plumbline-Signature is no longer sent there.");
    },
  },
  test: {
    permission: "integrations:manage",
    run: async (context) => {
      const { app, form } = context;
      const deps = { ...app.sync, post: app.post };
      const test = await testSubscription(deps, refOf(context), actorOf(context));
      if (test.state === "unknown") throw noSuchSubscription();
      if (test.state === "failed") {
        return refused(problem(form, { test: `The test could not be sent: ${test.reason}.` }));
      }
      const answer = `answered ${test.status} after ${formatDuration(test.durationMs)}`;
      if (!test.isTaken)
        return refused(problem(form, { test: `The test was refused: the receiver ${answer}.` }));
      return done(here, `The test was accepted: the receiver ${answer}.`);
    },
  },
  unsubscribe: {
    permission: "integrations:manage",
    run: async (context) => {
      if (!(await unsubscribe(context.app.sync, refOf(context), actorOf(context)))) {
        throw noSuchSubscription();
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
  const { subscriptions, undelivered, mayManage, edited, deliveries } = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const refusal = answer !== undefined && "errors" in answer ? answer : undefined;
  const errors = refusal?.errors ?? {};
  return (
    <>
      <EventsHeader />
      <div className="space-y-5">
        {answer !== undefined && "secret" in answer && <NewSecret secret={answer.secret} />}
        {errors["test"] !== undefined && (
          <Callout tone="bad" alert>
            {errors["test"]}
          </Callout>
        )}
        {edited !== null && (
          <>
            <EditCard key={edited.id} subscription={edited} errors={errors} typed={refusal?.values} />
            <DeliveryLogCard deliveries={deliveries} />
          </>
        )}
        {subscriptions.length > 0 && (
          <SubscriptionTable subscriptions={subscriptions} mayManage={mayManage} />
        )}
        {undelivered.length > 0 && <UndeliveredTable undelivered={undelivered} mayManage={mayManage} />}
        {edited === null && mayManage && (
          <>
            <ChannelCard errors={errors} typed={refusal?.values} />
            <SubscribeCard errors={errors} typed={refusal?.values} />
          </>
        )}
      </div>
    </>
  );
}
