import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useLocation } from "@remix-run/react";
import { SearchX, ShieldCheck } from "lucide-react";

import { guarded } from "~/auth/guard.server";
import { PatchFilters } from "~/features/patches/patch-filters";
import { filterValues, isFiltered } from "~/features/patches/patch-search.server";
import { PatchDeviceTable } from "~/features/patches/patch-tables";
import { PatchesTabs, TrendCard } from "~/features/patches/patches-header";
import { patchDeviceSearch, readPatchDevices } from "~/features/patches/patches.page.server";
import { Card } from "~/ui/card";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { KeysetPagination } from "~/ui/keyset-pagination";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Patches by device · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url }) => {
    const search = patchDeviceSearch(url.searchParams);
    const { filter, order } = search;
    return {
      ...(await readPatchDevices(app.db, tenantId, search, app.clock())),
      order,
      values: filterValues(filter),
      isFiltered: isFiltered(filter),
    };
  },
);

export default function PatchDevicesPage() {
  const { rows, total, next, order, values, clients, categories, trend, ...data } =
    useLoaderData<typeof loader>();
  const { search } = useLocation();
  return (
    <>
      <PageHeader
        title="Patches"
        description="Assets with pending updates."
        actions={total > 0 && <DownloadLink href={`/patches/devices.csv${search}`} />}
      />
      <PatchesTabs />
      <Card>
        <PatchFilters
          values={values}
          clients={clients}
          categories={categories}
          placeholder="Name of an asset"
          kept={{
            sort: order.sort === "patches" ? "" : order.sort,
            order: order.isReversed ? "reverse" : "",
          }}
        />
        {rows.length > 0 ? (
          <PatchDeviceTable devices={rows} {...order} />
        ) : data.isFiltered ? (
          <EmptyState
            icon={SearchX}
            title="No asset matches"
            action={
              <Link to="/patches/devices" className="font-medium text-accent hover:underline">
                Show all assets with pending updates
              </Link>
            }
          >
            Nothing matches these filters.
          </EmptyState>
        ) : (
          <EmptyState icon={ShieldCheck} title="No asset waits for an update">
            They appear with the first full sync of a connected RMM that reports updates.
          </EmptyState>
        )}
        {rows.length > 0 && <KeysetPagination shown={rows.length} total={total} next={next} noun="asset" />}
      </Card>
      <TrendCard points={trend} />
    </>
  );
}
