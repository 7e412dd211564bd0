import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";
import { Inbox, SearchX } from "lucide-react";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { DELIVERY_DAYS } from "@domain/schedule-limits";
import { guarded, guardedIntents, isId } from "~/auth/guard.server";
import { levelWebhookReader } from "~/connectors/levelio/webhook-reader.server";
import { AlertsTabs } from "~/features/alerts/alerts-tabs";
import {
  deliveryFilterOf,
  listDeliveryPage,
  readReplayRest,
} from "~/features/webhooks/deliveries.page.server";
import { DeliveryTable } from "~/features/webhooks/delivery-table";
import { MAX_REPLAYS, replayDeliveries } from "~/features/webhooks/replay.server";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { outcomeLabels, authSchemeLabels } from "~/ui/delivery-labels";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ConnectionChoice, FilterForm } from "~/ui/filter-form";
import { PostForm, SubmitButton } from "~/ui/form";
import { ListPages } from "~/ui/list-pages";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Deliveries · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "integrations:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, values } = deliveryFilterOf(url.searchParams, app.clock());
    const afterId = url.searchParams.get("replayed");
    return {
      ...(await listDeliveryPage(app.db, tenantId, filter, url.searchParams)),
      values,
      replayRest: await readReplayRest(app.db, tenantId, filter, afterId),
      mayReplay: allows(user.role, "integrations:manage"),
      maxReplays: MAX_REPLAYS,
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  replay: {
    permission: "integrations:manage",
    provider: "levelio",
    run: async (context) => {
      const { app, tenantId, url, form } = context;
      const { filter } = deliveryFilterOf(url.searchParams, app.clock());
      const after = form.get("after");
      const { replayed, failed, goOnAfter } = await replayDeliveries(
        app.sync,
        levelWebhookReader,
        { tenantId, filter: { ...filter, ...(isId(after) && { afterId: after }) } },
        actorOf(context),
      );
      const rest = failed === 0 ? "" : ` ${count(failed, "delivery", "deliveries")} could not be.`;
      const query = new URLSearchParams(url.searchParams);
      for (const name of ["index", "replayed"]) query.delete(name);
      if (goOnAfter !== null) query.set("replayed", goOnAfter);
      return done(
        `/alerts/deliveries?${query}`,
        `${count(replayed, "delivery", "deliveries")} replayed.${rest}`,
      );
    },
  },
});

export default function DeliveriesPage() {
  const data = useLoaderData<typeof loader>();
  const { rows, total, integrations, values, mayReplay, maxReplays, replayRest } = data;
  const { search } = useLocation();
  const isFiltered = Object.values(values).some((value) => value !== "");
  const replays = Math.min(total, maxReplays);
  const action = `/alerts/deliveries?index&${search.slice(1)}`;
  return (
    <>
      <PageHeader
        title="Deliveries"
        description={`Every event that was sent to the webhook with a right secret, for ${DELIVERY_DAYS} days.`}
        actions={
          mayReplay &&
          total > 0 && (
            <ConfirmButton
              intent="replay"
              action={action}
              label={isFiltered ? "Replay these" : "Replay all"}
              variant="secondary"
              size="md"
              title={`Replay ${count(replays, "delivery", "deliveries")}?`}
              confirm="Replay"
            >
              Each is applied once more, in the order they came
              {total > maxReplays && `, the oldest ${maxReplays} first`}. What is newer by now stays as it is.
            </ConfirmButton>
          )
        }
      />
      <AlertsTabs />
      {mayReplay && replayRest !== null && (
        <Callout
          tone="info"
          className="mb-5"
          actions={
            <PostForm intent="replay" action={action} preventScrollReset>
              <input type="hidden" name="after" value={replayRest.afterId} />
              <SubmitButton intent="replay" variant="secondary" size="sm">
                Replay the next {count(Math.min(replayRest.left, maxReplays), "delivery", "deliveries")}
              </SubmitButton>
            </PostForm>
          }
        >
          {count(replayRest.left, "delivery", "deliveries")} that match are left to replay.
        </Callout>
      )}
      <Card>
        <FilterForm text={values.q} placeholder="Event, device, alert">
          <ConnectionChoice value={values.integration} connections={integrations} />
          <Choice
            label="Method"
            name="scheme"
            value={values.scheme}
            options={[
              ["", "Any method"],
              ["signed", authSchemeLabels.signed],
              ["automation", authSchemeLabels.automation],
            ]}
          />
          <Choice
            label="Outcome"
            name="outcome"
            value={values.outcome}
            options={[
              ["", "All outcomes"],
              ...Object.entries(outcomeLabels).map(([outcome, { text }]) => [outcome, text] as const),
            ]}
          />
          {values.secret !== "" && (
            <Choice
              label="Secret"
              name="secret"
              value={values.secret}
              options={[
                ["", "Any secret"],
                ["previous", "Former secret"],
              ]}
            />
          )}
          <Choice
            label="Time"
            name="time"
            value={values.time}
            options={[
              ["", "Any time"],
              ["day", "Last 24 hours"],
              ["week", "Last 7 days"],
            ]}
          />
        </FilterForm>
        {rows.length > 0 ? (
          <DeliveryTable deliveries={rows} />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="No delivery matches these filters" />
        ) : (
          <EmptyState icon={Inbox} title="Nothing was delivered yet">
            Deliveries appear here once the webhook is set up, on the page of a connection.
          </EmptyState>
        )}
        {total > 0 && <ListPages {...data} shown={rows.length} noun="delivery" plural="deliveries" />}
      </Card>
    </>
  );
}
