import type { MetaFunction } from "@remix-run/node";
import { useLoaderData, useLocation } from "@remix-run/react";
import { Equal, SearchX } from "lucide-react";

import { seenDifferences } from "~/assets/forms.server";
import { guarded, guardedIntents, type Context } from "~/auth/guard.server";
import { allows } from "~/auth/permissions";
import { Choice, ClientChoice, FilterForm } from "~/components/ui/filter-form";
import { AssetsTabs } from "~/components/assets/assets-tabs";
import { DifferenceList } from "~/components/assets/difference-list";
import { differenceKey, fieldWords } from "~/components/assets/field-words";
import { Card } from "~/components/ui/card";
import { EmptyState } from "~/components/ui/empty-state";
import { count } from "~/components/ui/format";
import { PageHeader } from "~/components/ui/page-header";
import { Pagination } from "~/components/ui/pagination";
import { comparedFields } from "~/domain/asset-fields";
import { actorOf } from "../sync/actor";
import {
  DIFFERENCES_PAGE_SIZE,
  differenceFilterOf,
  readDifferences,
  readDifferencesMark,
} from "~/presenters/differences.server";
import { pageNumber, withinPages } from "~/presenters/paging";
import { settleDifferences } from "~/use-cases.server";
import { done } from "~/web/form.server";

export const meta: MetaFunction = () => [{ title: "Differences to Level · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const { filter, values } = differenceFilterOf(url.searchParams);
    const page = pageNumber(url.searchParams);
    return {
      ...withinPages(url, page, DIFFERENCES_PAGE_SIZE, await readDifferences(app.db, tenantId, filter, page)),
      values,
      page,
      pageSize: DIFFERENCES_PAGE_SIZE,
      mayWrite: allows(user.role, "assets:write"),
    };
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  theirs: { permission: "assets:write", run: (context) => settle(context, "theirs") },
  ours: { permission: "assets:write", run: (context) => settle(context, "ours") },
});

async function settle({ app, tenantId, url, form, user, ip }: Context, winner: "theirs" | "ours") {
  const { filter } = differenceFilterOf(url.searchParams);
  const seen = seenDifferences(form.getAll("row"));
  if (seen === null) throw new Response("This form is not known here.", { status: 400 });
  const query = new URLSearchParams(url.searchParams);
  query.delete("page");
  const here = `/assets/differences?${query}`;
  const isAll = form.get("all") === "on";
  if (isAll && (await readDifferencesMark(app.db, tenantId, filter)).mark !== form.get("mark"))
    return done(here, "What differs has changed meanwhile, so nothing was settled. Look again.");
  const selection = isAll ? { filter } : { seen };
  const { settled, left } = await settleDifferences(
    app.sync,
    { tenantId, selection, winner },
    actorOf({ user, ip }),
  );
  const what = winner === "theirs" ? "set to Level's" : "kept as ours";
  const rest =
    left === 0
      ? ""
      : ` ${count(left, "value")} ${left === 1 ? "was" : "were"} left: changed meanwhile, or not to be taken over.`;
  return done(here, `${count(settled, "value")} ${what}.${rest}`);
}

export default function DifferencesPage() {
  const { rows, total, mark, all, clients, page, pageSize, values, mayWrite } =
    useLoaderData<typeof loader>();
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
              ...comparedFields.map((field) => [field, fieldWords[field]] as const),
            ]}
          />
          <ClientChoice value={values.client} clients={clients} />
        </FilterForm>
        {rows.length > 0 ? (
          <DifferenceList
            // What was ticked is gone with the rows it was ticked on.
            key={rows.map(differenceKey).join()}
            rows={rows}
            total={total}
            mark={mark}
            action={mayWrite ? `/assets/differences${search}` : undefined}
          />
        ) : isFiltered || page > 1 ? (
          <EmptyState icon={SearchX} title="No difference fits these filters" />
        ) : (
          <EmptyState icon={Equal} title="Nothing differs from Level">
            Change a name, type, location or client on an asset&apos;s page and it stays yours; where Level
            says otherwise, it is listed here.
          </EmptyState>
        )}
        {total > 0 && <Pagination page={page} pageSize={pageSize} total={total} noun="differences" />}
      </Card>
    </>
  );
}
