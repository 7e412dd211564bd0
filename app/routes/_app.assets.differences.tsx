import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";
import { Equal, SearchX } from "lucide-react";

import { comparedFields } from "@domain/asset-fields";
import { count } from "@domain/format";
import { allows } from "@domain/permissions";
import { guarded, guardedIntents, type Context } from "~/auth/guard.server";
import { AssetsTabs } from "~/features/assets/assets-tabs";
import { DifferenceList } from "~/features/assets/difference-list";
import {
  differenceFilterOf,
  readDifferences,
  readDifferencesFingerprint,
} from "~/features/assets/differences.page.server";
import { differenceKey, fieldLabels } from "~/features/assets/field-labels";
import { seenDifferences } from "~/features/assets/forms.server";
import { resolveDifferences } from "~/features/assets/resolve-differences.server";
import { actorOf } from "~/platform/actor";
import { done } from "~/platform/http/form.server";
import { Card } from "~/ui/card";
import { EmptyState } from "~/ui/empty-state";
import { Choice, ClientChoice, FilterForm } from "~/ui/filter-form";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Differences to Level · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, values, after } = differenceFilterOf(url.searchParams);
    return {
      ...(await readDifferences(app.db, tenantId, filter, after)),
      values,
      mayWrite: allows(user.role, "assets:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  theirs: { permission: "assets:write", run: (context) => resolve(context, "theirs") },
  ours: { permission: "assets:write", run: (context) => resolve(context, "ours") },
});

async function resolve({ app, tenantId, url, form, user, ip }: Context, winner: "theirs" | "ours") {
  const { filter } = differenceFilterOf(url.searchParams);
  const seen = seenDifferences(form.getAll("row"));
  if (seen === null) throw new Response("This form is not recognised. Load the page again.", { status: 400 });
  const query = new URLSearchParams(url.searchParams);
  query.delete("after");
  const here = `/assets/differences?${query}`;
  const isAll = form.get("all") === "on";
  if (isAll && (await readDifferencesFingerprint(app.db, tenantId, filter)).mark !== form.get("mark"))
    return done(here, "What differs has changed meanwhile, so nothing was resolved. Look again.");
  const selection = isAll ? { filter } : { seen };
  const { resolved, left } = await resolveDifferences(
    app.sync,
    { tenantId, selection, winner },
    actorOf({ user, ip }),
  );
  const what = winner === "theirs" ? "set to Level's" : "kept as ours";
  const rest =
    left === 0
      ? ""
      : ` ${count(left, "value")} ${left === 1 ? "was" : "were"} left: changed meanwhile, or not to be taken over.`;
  return done(here, `${count(resolved, "value")} ${what}.${rest}`);
}

export default function DifferencesPage() {
  const { rows, total, mark, all, clients, next, isFirst, values, mayWrite } = useLoaderData<typeof loader>();
  const { search } = useLocation();
  const isFiltered = Object.values(values).some((value) => value !== "");
  return (
    <>
      <PageHeader
        title="Assets"
        description="What people set and Level says otherwise. Ours stands until you decide."
      />
      <AssetsTabs differences={all} />
      <Card>
        <FilterForm text={values.q} placeholder="Asset, our value, Level's value">
          <Choice
            label="Field"
            name="field"
            value={values.field}
            options={[
              ["", "All fields"],
              ...comparedFields.map((field) => [field, fieldLabels[field]] as const),
            ]}
          />
          <ClientChoice value={values.client} clients={clients} />
        </FilterForm>
        {rows.length > 0 ? (
          <DifferenceList
            // When the rows change, the ticks on them are dropped.
            key={rows.map(differenceKey).join()}
            rows={rows}
            total={total}
            mark={mark}
            action={mayWrite ? `/assets/differences${search}` : undefined}
          />
        ) : isFiltered || !isFirst ? (
          <EmptyState icon={SearchX} title="No difference matches these filters" />
        ) : (
          <EmptyState icon={Equal} title="Nothing differs from Level">
            Change a name, type, location or client on an asset&apos;s page and it stays yours; where Level
            says otherwise, it is listed here.
          </EmptyState>
        )}
        {total > 0 && <KeysetPagination shown={rows.length} total={total} next={next} noun="difference" />}
      </Card>
    </>
  );
}
