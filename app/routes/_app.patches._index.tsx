import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useLocation } from "@remix-run/react";
import { SearchX, ShieldCheck } from "lucide-react";

import { latestQuarters } from "@domain/quarters";
import { guarded } from "~/auth/guard.server";
import { PatchFilters } from "~/features/patches/patch-filters";
import { filterValues, isFiltered } from "~/features/patches/patch-search.server";
import { PatchTable } from "~/features/patches/patch-tables";
import { PatchesTabs, ReviewCard, TrendCard } from "~/features/patches/patches-header";
import { patchSearch, readPatches } from "~/features/patches/patches.page.server";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Patches · Plumbline" }];

const QUARTERS_OFFERED = 8;

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const search = patchSearch(url.searchParams);
    const { filter, order } = search;
    return {
      ...(await readPatches(app.db, tenantId, search, app.clock())),
      order,
      values: filterValues(filter),
      isFiltered: isFiltered(filter),
      quarters: latestQuarters(app.clock(), QUARTERS_OFFERED).map(({ name }) => name),
    };
  },
);

export default function PatchesPage() {
  const { rows, total, next, order, values, clients, categories, trend, quarters, ...data } =
    useLoaderData<typeof loader>();
  const { search } = useLocation();
  const { q: _, ...narrowing } = values;
  const filters = new URLSearchParams(
    Object.entries(narrowing).filter(([, value]) => value !== ""),
  ).toString();
  return (
    <>
      <PageHeader
        title="Patches"
        description="Updates that devices have been offered and have not installed."
        actions={total > 0 && <DownloadLink href={`/patches.csv${search}`} />}
      />
      <PatchesTabs />
      <Card>
        <PatchFilters
          values={values}
          clients={clients}
          categories={categories}
          placeholder="Name or KB"
          kept={{
            sort: order.sort === "devices" ? "" : order.sort,
            order: order.isReversed ? "reverse" : "",
          }}
        />
        {rows.length > 0 ? (
          <PatchTable patches={rows} filters={filters === "" ? "" : `?${filters}`} {...order} />
        ) : data.isFiltered ? (
          <EmptyState
            icon={SearchX}
            title="No update matches"
            action={
              <Link to="/patches" className="font-medium text-accent hover:underline">
                Show all pending updates
              </Link>
            }
          >
            Nothing matches these filters.
          </EmptyState>
        ) : (
          <EmptyState icon={ShieldCheck} title="No pending updates">
            They appear with the first full sync of a connected RMM that reports them.
          </EmptyState>
        )}
        {rows.length > 0 && <KeysetPagination shown={rows.length} total={total} next={next} noun="update" />}
      </Card>
      <TrendCard points={trend} />
      <ReviewCard
        quarters={quarters}
        filters={{ client: values.client, category: values.category, type: values.type }}
      />
    </>
  );
}
