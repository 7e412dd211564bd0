import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useLocation } from "@remix-run/react";
import { CircleCheck, SearchX } from "lucide-react";

import { count, formatNumber } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, type Context } from "~/auth/guard.server";
import { decideHeld } from "~/features/review/decide-held.server";
import { chosenRows, heldRow } from "~/features/review/forms.server";
import { HeldGroups } from "~/features/review/held-groups";
import { kindLabels } from "~/features/review/held-labels";
import { HeldTable } from "~/features/review/held-table";
import { ReviewTabs } from "~/features/review/review-tabs";
import { heldFilterOf, readHeld, readHeldFingerprint } from "~/features/review/review.page.server";
import { useToReview } from "~/features/review/use-to-review";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ConnectionChoice, FilterForm } from "~/ui/filter-form";
import { ListPages } from "~/ui/list-pages";
import { PageHeader } from "~/ui/page-header";
import { firstPage } from "~/ui/paths";

export const meta: MetaFunction = () => [{ title: "Held changes · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, values } = heldFilterOf(url.searchParams);
    return {
      ...(await readHeld(app.db, tenantId, filter, url.searchParams)),
      values,
      mayDecide: allows(user.role, "assets:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  approve: { permission: "assets:write", run: (context) => decide(context, "approve") },
  reject: { permission: "assets:write", run: (context) => decide(context, "reject") },
});

async function decide({ app, tenantId, url, form, user, ip }: Context, decision: "approve" | "reject") {
  const query = firstPage(url.search);
  // A group is decided from the list of groups, which no longer lists it afterwards.
  const group = query.get("group");
  const narrowed = group === null ? [] : ["group", "kind", "integration", "client"];
  for (const name of ["index", ...narrowed]) query.delete(name);
  const here = `/review${query.size > 0 ? `?${query}` : ""}`;
  const chosen = group === null ? chosenRows(form, heldRow) : { state: "all" as const, mark: group };
  if (chosen.state === "odd")
    throw new Response("This form is not recognised. Load the page again.", { status: 400 });
  if (chosen.state === "nothing") return done(here, "Nothing was ticked, so nothing was decided.");
  const { filter } = heldFilterOf(url.searchParams);
  let seen = chosen.state === "rows" ? chosen.rows : [];
  if (chosen.state === "all") {
    const held = await readHeldFingerprint(app.db, tenantId, filter);
    if (held.mark !== chosen.mark)
      return done(here, "What is held has changed meanwhile, so nothing was decided. Look again.");
    seen = held.seen;
  }
  const outcome = await decideHeld(app.sync, {
    tenantId,
    which: { seen },
    decision,
    actor: actorOf({ user, ip }),
  });
  const { changed } = outcome;
  const others =
    changed > 0
      ? ` ${changed} ${changed === 1 ? "has become another change" : "have become other changes"} meanwhile: look again.`
      : "";
  switch (outcome.state) {
    case "nothing_held":
      return done(
        here,
        changed > 0
          ? `Nothing was decided.${others}`
          : "Nothing was decided: Level withdrew the change, or somebody else decided on it meanwhile.",
      );
    case "decided": {
      const said = decision === "approve" ? "approved" : "rejected";
      const gone = outcome.gone > 0 ? `, ${count(outcome.gone, "device")} marked as gone` : "";
      const left = seen.length - outcome.changes - changed;
      const rest = left > 0 ? ` ${count(left, "other")} had been withdrawn or decided meanwhile.` : "";
      return done(here, `${count(outcome.changes, "change")} ${said}${gone}.${rest}${others}`);
    }
  }
}

export default function HeldPage() {
  const data = useLoaderData<typeof loader>();
  const { rows, groups, total, mark, counts, integrations, values, mayDecide } = data;
  const { search } = useLocation();
  const waiting = useToReview();
  const isFiltered = Object.values(values).some((value) => value !== "");
  const sum = { ...noChanges, ...(values.kind === "" ? counts : onlyOf(values.kind, counts)) };
  return (
    <>
      <PageHeader
        title="Pending review"
        description="Changes in Level that affect surprisingly many devices at once. The assets stay as they are until you decide, or Level takes the change back."
        actions={total > 0 && <DownloadLink href={`/review.csv${search}`} />}
      />
      <ReviewTabs {...waiting} />
      {values.run !== "" && (
        <Callout
          tone="info"
          className="mb-5"
          actions={
            <Link to="/review" className="font-medium text-accent hover:underline">
              Show all
            </Link>
          }
        >
          What one{" "}
          <Link to={`/runs/${values.run}`} className="underline">
            sync run
          </Link>{" "}
          holds, or saw again.
        </Callout>
      )}
      <Card>
        <FilterForm text={values.q} placeholder="Name of the device">
          <Choice
            label="Kind"
            name="kind"
            value={values.kind}
            options={[
              ["", "All kinds"],
              ...(["removal", "move", "rename"] as const).map(
                (kind) => [kind, `${kindLabels[kind].many} (${formatNumber(counts[kind])})`] as const,
              ),
            ]}
          />
          <ConnectionChoice value={values.integration} connections={integrations} />
          {values.run !== "" && <input type="hidden" name="run" value={values.run} />}
          {values.client !== "" && <input type="hidden" name="client" value={values.client} />}
        </FilterForm>
        {values.client !== "" && (
          <p className="border-b border-line px-4 py-2.5 text-sm">
            <Link to="/review" className="font-medium text-accent hover:underline">
              Show all clients
            </Link>
          </p>
        )}
        {values.client === "" && total > 1 && (
          <HeldGroups groups={groups} others={values} mayDecide={mayDecide} />
        )}
        {rows.length > 0 ? (
          <HeldTable
            // When the rows change, the ticks on them are dropped.
            key={rows.map((row) => row.mark).join()}
            rows={rows}
            total={total}
            mark={mark}
            sum={sum}
            action={mayDecide ? `/review?index${search.replace("?", "&")}` : undefined}
          />
        ) : isFiltered ? (
          <EmptyState icon={SearchX} title="Nothing that is held matches these filters" />
        ) : (
          <EmptyState icon={CircleCheck} title="Nothing is held">
            When more than ten devices and more than a fifth of an account vanish, move to another client or
            are renamed between two syncs, that waits here instead of being carried out.
          </EmptyState>
        )}
        {total > 0 && <ListPages {...data} shown={rows.length} noun="held change" />}
      </Card>
    </>
  );
}

const noChanges = { removal: 0, move: 0, rename: 0, losesClient: 0 };

const onlyOf = (kind: "removal" | "move" | "rename", counts: typeof noChanges) => ({
  [kind]: counts[kind],
  ...(kind === "move" ? { losesClient: counts.losesClient } : {}),
});
