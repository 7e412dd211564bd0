import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";
import { CircleCheck, SearchX } from "lucide-react";

import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, type Context } from "~/auth/guard.server";
import { decideNewDevices } from "~/features/review/decide-new-devices.server";
import { chosenRows, idRow } from "~/features/review/forms.server";
import { unreadableText } from "~/features/review/held-labels";
import { NewDeviceTable } from "~/features/review/new-device-table";
import {
  NEW_DEVICES_AT_ONCE,
  newDeviceFilterOf,
  readNewDevices,
  readNewDevicesFingerprint,
} from "~/features/review/new-devices.page.server";
import { ReviewTabs } from "~/features/review/review-tabs";
import { useToReview } from "~/features/review/use-to-review";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ConnectionChoice, FilterForm } from "~/ui/filter-form";
import { ListPages } from "~/ui/list-pages";
import { PageHeader } from "~/ui/page-header";
import { firstPage } from "~/ui/paths";

export const meta: MetaFunction = () => [{ title: "New devices · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, values } = newDeviceFilterOf(url.searchParams);
    return {
      ...(await readNewDevices(app.db, tenantId, filter, url.searchParams)),
      values,
      mayDecide: allows(user.role, "assets:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  approve: { permission: "assets:write", run: (context) => decide(context, "approve") },
  reject: { permission: "assets:write", run: (context) => decide(context, "reject") },
});

async function decide(context: Context, decision: "approve" | "reject") {
  const { app, tenantId, form, url } = context;
  const query = firstPage(url.search);
  const here = `/review/devices${query.size > 0 ? `?${query}` : ""}`;
  const chosen = chosenRows(form, idRow);
  if (chosen.state === "odd")
    throw new Response("This form is not recognised. Load the page again.", { status: 400 });
  if (chosen.state === "nothing") return done(here, "Nothing was ticked, so nothing was decided.");
  let reviewIds = chosen.state === "rows" ? chosen.rows : [];
  if (chosen.state === "all") {
    const { filter } = newDeviceFilterOf(url.searchParams);
    const waiting = await readNewDevicesFingerprint(app.db, tenantId, filter);
    if (waiting.mark !== chosen.mark)
      return done(here, "What waits has changed meanwhile, so nothing was decided. Look again.");
    reviewIds = waiting.ids;
  }
  const left = reviewIds.splice(NEW_DEVICES_AT_ONCE).length;
  const request = { tenantId, reviewIds, decision, actor: actorOf(context) };
  const { decided, toMatch, unreadable } = await decideNewDevices(app.sync, request);
  const texts = [
    decided > 0 &&
      (decision === "approve"
        ? `${count(decided, "device")} ${decided === 1 ? "has an asset" : "have assets"} now.`
        : `${count(decided, "device")} ${decided === 1 ? "is" : "are"} left out.`),
    toMatch > 0 &&
      `${count(toMatch, "device")} may be ${toMatch === 1 ? "a known machine" : "known machines"}: decide which under “Which machine is it?”.`,
    unreadableText(unreadable) ?? false,
    left > 0 && `${count(left, "other")} wait: repeat it for them.`,
  ].filter((text) => text !== false);
  return done(
    here,
    texts.join(" ") ||
      "Nothing was decided: Level no longer has the device, or a sync or somebody else decided meanwhile.",
  );
}

export default function NewDevicesPage() {
  const data = useLoaderData<typeof loader>();
  const { rows, total, mark, integrations, values, mayDecide } = data;
  const { search } = useLocation();
  const isLeftOut = values.state === "rejected";
  const isFiltered = values.q !== "" || values.integration !== "" || isLeftOut;
  return (
    <>
      <PageHeader
        title="Pending review"
        description="New devices of connections whose matching rules ask for approval. Until somebody approves them, they have no asset."
      />
      <ReviewTabs {...useToReview()} />
      <Card>
        <FilterForm text={values.q} placeholder="Name of the device">
          <Choice
            label="State"
            name="state"
            value={values.state}
            options={[
              ["approval", "To be approved"],
              ["rejected", "Left out"],
            ]}
          />
          <ConnectionChoice value={values.integration} connections={integrations} />
        </FilterForm>
        {rows.length > 0 ? (
          <NewDeviceTable
            // When the rows change, the ticks on them are dropped.
            key={rows.map((row) => row.id).join()}
            rows={rows}
            total={total}
            mark={mark}
            isLeftOut={isLeftOut}
            action={mayDecide ? `/review/devices${search}` : undefined}
          />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="No new device matches these filters" />
        ) : (
          <EmptyState icon={CircleCheck} title="No new device waits for approval">
            A sync gives every new device of a mapped group an asset, unless the matching rules of its
            connection ask for approval first.
          </EmptyState>
        )}
        {total > 0 && <ListPages {...data} shown={rows.length} noun="device" />}
      </Card>
    </>
  );
}
