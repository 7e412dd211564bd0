import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";
import { CircleCheck, SearchX } from "lucide-react";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, isId, type Context } from "~/auth/guard.server";
import { keepAssetsApart } from "~/features/device-sync/merge-assets.server";
import { chosenRows, idRow } from "~/features/review/forms.server";
import { unreadableText } from "~/features/review/held-labels";
import { IdentityList } from "~/features/review/identity-list";
import { linkDevices } from "~/features/review/link-device.server";
import { readPairs } from "~/features/review/merge.page.server";
import { PairsCard } from "~/features/review/pairs-card";
import { ReviewTabs } from "~/features/review/review-tabs";
import {
  readWaiting,
  readWaitingFingerprint,
  WAITING_AT_ONCE,
  waitingFilterOf,
} from "~/features/review/review.page.server";
import { useToReview } from "~/features/review/use-to-review";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ConnectionChoice, FilterForm } from "~/ui/filter-form";
import { ListPages } from "~/ui/list-pages";
import { PageHeader } from "~/ui/page-header";
import { firstPage } from "~/ui/paths";

export const meta: MetaFunction = () => [{ title: "Which machine is it? · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, values } = waitingFilterOf(url.searchParams);
    return {
      ...(await readWaiting(app.db, tenantId, filter, url.searchParams)),
      pairs: await readPairs(app.db, tenantId),
      values,
      mayDecide: allows(user.role, "assets:write"),
    };
  },
);

const hereOf = ({ url }: Context): string => {
  const query = firstPage(url.search);
  return `/review/identity${query.size > 0 ? `?${query}` : ""}`;
};

const DECIDED_MEANWHILE =
  "Nothing was decided: Level no longer has the device, or a sync or somebody else decided meanwhile.";

export const action = /* @__PURE__ */ guardedIntents({
  apart: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const pairId = form.get("pair");
      if (!isId(pairId))
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      const outcome = await keepAssetsApart(app.sync, { tenantId, pairId }, actorOf(context));
      switch (outcome.state) {
        case "distinct":
          return done(hereOf(context), "They stay two assets. Nobody is asked about them again.");
        case "nothing_to_decide":
          return done(hereOf(context), "Nothing was decided: this pair has been decided on meanwhile.");
      }
    },
  },
  link: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, form } = context;
      const [reviewId, assetId] = [form.get("row"), form.get("asset")];
      if (!isId(reviewId) || !isId(assetId))
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      const request = { tenantId, reviewIds: [reviewId], to: { assetId }, actor: actorOf(context) };
      const outcome = await linkDevices(app.sync, request);
      switch (outcome.state) {
        case "linked":
          return done(`/assets/${assetId}`, "Linked. The device speaks for this asset from now on.");
        case "nothing_to_decide":
          return done(hereOf(context), DECIDED_MEANWHILE);
        case "unreadable":
          return done(hereOf(context), unreadableText(outcome.names) ?? "");
        case "not_a_candidate":
          return done(
            hereOf(context),
            "Nothing was decided: this asset is none of those that it may be any more.",
          );
        case "taken":
          return done(
            hereOf(context),
            "Nothing was decided: another device has been tied to this asset meanwhile.",
          );
      }
    },
  },
  own: {
    permission: "assets:write",
    run: async (context) => {
      const { app, tenantId, form, url } = context;
      const here = hereOf(context);
      const chosen = chosenRows(form, idRow);
      if (chosen.state === "odd")
        throw new Response("This form is not recognised. Load the page again.", { status: 400 });
      if (chosen.state === "nothing") return done(here, "Nothing was ticked, so nothing was decided.");
      const { filter } = waitingFilterOf(url.searchParams);
      let reviewIds = chosen.state === "rows" ? chosen.rows : [];
      if (chosen.state === "all") {
        const waiting = await readWaitingFingerprint(app.db, tenantId, filter);
        if (waiting.mark !== chosen.mark)
          return done(here, "What waits has changed meanwhile, so nothing was decided. Look again.");
        reviewIds = waiting.ids;
      }
      const left = reviewIds.splice(WAITING_AT_ONCE).length;
      const outcome = await linkDevices(app.sync, {
        tenantId,
        reviewIds,
        to: "new",
        actor: actorOf(context),
      });
      switch (outcome.state) {
        case "linked": {
          const rest = left > 0 ? ` ${count(left, "other")} wait: repeat it for them.` : "";
          const unreadable = outcome.unreadable ?? [];
          const late = reviewIds.length - outcome.devices - unreadable.length;
          const lost = late > 0 ? ` ${count(late, "other")} had gone or been decided on meanwhile.` : "";
          const made = outcome.devices === 1 ? "has an asset of its own" : "have assets of their own";
          const note = unreadable.length > 0 ? ` ${unreadableText(unreadable)}` : "";
          return done(here, `${count(outcome.devices, "device")} ${made} now.${lost}${note}${rest}`);
        }
        case "unreadable":
          return done(here, unreadableText(outcome.names) ?? "");
        case "nothing_to_decide":
        case "not_a_candidate":
        case "taken":
          return done(here, DECIDED_MEANWHILE);
      }
    },
  },
});

export default function IdentityPage() {
  const data = useLoaderData<typeof loader>();
  const { rows, pairs, total, mark, integrations, values, mayDecide } = data;
  const { search } = useLocation();
  const waiting = useToReview();
  const isFiltered = Object.values(values).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Pending review"
        description="New devices that look like machines that are known already. Until it is decided which they are, they have no asset."
      />
      <ReviewTabs {...waiting} />
      {pairs.length > 0 && (
        <PairsCard pairs={pairs} action={mayDecide ? `/review/identity${search}` : undefined} />
      )}
      <Card>
        <FilterForm text={values.q} placeholder="Name of the device">
          <Choice
            label="Who decides"
            name="reason"
            value={values.reason}
            options={[
              ["", "Everything"],
              ["ambiguous", "To be decided"],
              ["waiting", "Next sync decides"],
            ]}
          />
          <ConnectionChoice value={values.integration} connections={integrations} />
        </FilterForm>
        {rows.length > 0 ? (
          <IdentityList
            // When the rows change, the ticks on them are dropped.
            key={rows.map((row) => row.id).join()}
            rows={rows}
            total={total}
            mark={mark}
            action={mayDecide ? `/review/identity${search}` : undefined}
          />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="No device that waits matches these filters" />
        ) : (
          <EmptyState icon={CircleCheck} title="Every device is known">
            A new device joins the asset with its serial number, else its MAC address, else its hostname
            within the client. Where that is not certain, it is asked here.
          </EmptyState>
        )}
        {total > 0 && <ListPages {...data} shown={rows.length} noun="device" />}
      </Card>
    </>
  );
}
