import { json, type MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useLocation, useNavigation } from "@remix-run/react";
import { Download, Monitor, Plus, SearchX } from "lucide-react";

import { allows } from "@domain/permissions";
import { guarded } from "~/auth/guard.server";
import { AssetFilterChips, AssetFilters } from "~/features/assets/asset-filters";
import { assetSearch, readAssetList } from "~/features/assets/asset-list.page.server";
import { AssetTable } from "~/features/assets/asset-table";
import { AssetsTabs } from "~/features/assets/assets-tabs";
import { pageSizes, withinPages } from "~/platform/http/paging";
import { readPageSize, writePageSize } from "~/platform/http/preferences.server";
import { ButtonLink } from "~/ui/button";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";
import { EmptyState } from "~/ui/empty-state";
import { ListPages } from "~/ui/list-pages";
import { PageHeader } from "~/ui/page-header";

export const meta: MetaFunction = () => [{ title: "Assets · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user, request }) => {
    const params = url.searchParams;
    const remembered = await readPageSize(request);
    const search = assetSearch(params, remembered);
    const { filter, order, place, pageSize } = search;
    const list = await readAssetList(app.db, tenantId, search);
    if ("page" in place && place.page !== "last") withinPages(url, place.page, pageSize, list);
    const { clientId, text, state, ...others } = filter;
    const data = {
      ...list,
      pageSize,
      pageSizes,
      values: {
        q: text ?? "",
        client: clientId ?? "",
        type: filter.type ?? "",
        state,
        platform: filter.platform ?? "",
        system: filter.system ?? "",
        finding: filter.finding ?? "",
        group: filter.groupId ?? "",
        updates: filter.updates ?? "",
        alerts: filter.alerts ?? "",
        disk: String(filter.diskPercent ?? ""),
        unseen: String(filter.unseenDays ?? ""),
        tag: filter.tag ?? "",
        special: filter.special ?? "",
        sort: order.sort === "name" ? "" : order.sort,
        order: order.isReversed ? "reverse" : "",
      },
      order,
      isFiltered:
        state !== "current" ||
        [clientId, text, ...Object.values(others)].some((value) => value !== undefined),
      mayWrite: allows(user.role, "assets:write"),
    };
    const isChosen = params.has("size") && pageSize !== remembered;
    return json(data, isChosen ? { headers: { "Set-Cookie": await writePageSize(pageSize) } } : {});
  },
);

export default function AssetsPage() {
  const data = useLoaderData<typeof loader>();
  const { rows, total, differences, values, order, isFiltered, mayWrite } = data;
  const { search } = useLocation();
  const { location } = useNavigation();
  const isRefining = location?.pathname === "/assets";
  return (
    <>
      <PageHeader
        title="Assets"
        description="Every machine of every client, as your RMM knows it."
        actions={
          <>
            {total > 0 && (
              <a
                href={`/assets.csv${search}`}
                className="inline-flex items-center gap-1.5 px-2 text-sm font-medium text-accent hover:underline"
              >
                <Download aria-hidden className="size-4" />
                Download as CSV
              </a>
            )}
            {mayWrite && (
              <ButtonLink to={values.client === "" ? "/assets/new" : `/assets/new?client=${values.client}`}>
                <Plus aria-hidden />
                Add an asset
              </ButtonLink>
            )}
          </>
        }
      />
      <AssetsTabs differences={differences} />
      <Card>
        <AssetFilters {...data} />
        <AssetFilterChips {...data} />
        <div className={cn("transition-opacity", isRefining && "opacity-60")}>
          {rows.length > 0 ? (
            <AssetTable assets={rows} {...order} />
          ) : isFiltered ? (
            <EmptyState
              icon={SearchX}
              title="No asset fits"
              action={
                <Link to="/assets" className="font-medium text-accent hover:underline">
                  Show all assets
                </Link>
              }
            >
              Nothing matches these filters.
            </EmptyState>
          ) : (
            <EmptyState icon={Monitor} title="No assets yet">
              Assets appear with the first sync of a connected RMM, for every group that is mapped to a
              client.
            </EmptyState>
          )}
        </div>
        {total > 0 && <ListPages {...data} shown={rows.length} noun="assets" />}
      </Card>
    </>
  );
}
