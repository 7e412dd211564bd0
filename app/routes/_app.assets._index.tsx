import type { MetaFunction } from "@remix-run/node";
import { Link, useLoaderData, useNavigation } from "@remix-run/react";
import { Monitor, Plus, SearchX } from "lucide-react";

import { allows } from "@domain/permissions";
import { guarded, isId } from "~/auth/guard.server";
import { AssetFilters } from "~/features/assets/asset-filters";
import { AssetTable } from "~/features/assets/asset-table";
import { AssetsTabs } from "~/features/assets/assets-tabs";
import { ASSETS_PAGE_SIZE, assetSorts, assetStates, listAssets } from "~/features/assets/assets.page.server";
import { oneOf, pageNumber, searchText, withinPages } from "~/platform/http/paging";
import { ButtonLink } from "~/ui/button";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";
import { EmptyState } from "~/ui/empty-state";
import { PageHeader } from "~/ui/page-header";
import { Pagination } from "~/ui/pagination";

export const meta: MetaFunction = () => [{ title: "Assets · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user }) => {
    const params = url.searchParams;
    const client = params.get("client") ?? "";
    const type = oneOf(params, "type", ["", "workstation", "server"]);
    const state = oneOf(params, "state", assetStates);
    const sort = oneOf(params, "sort", assetSorts);
    const text = searchText(params);
    const page = pageNumber(params);
    const clientId = client === "none" || isId(client) ? client : undefined;
    const filter = { text, clientId, type: type === "" ? undefined : type, state, sort };
    const isFiltered = text !== undefined || clientId !== undefined || type !== "" || state !== "current";
    return {
      ...withinPages(url, page, ASSETS_PAGE_SIZE, await listAssets(app.db, tenantId, filter, page)),
      page,
      pageSize: ASSETS_PAGE_SIZE,
      values: { q: text ?? "", client: clientId ?? "", type, state, sort },
      isFiltered,
      mayWrite: allows(user.role, "assets:write"),
    };
  },
);

export default function AssetsPage() {
  const { rows, total, clients, differences, page, pageSize, values, isFiltered, mayWrite } =
    useLoaderData<typeof loader>();
  const { location } = useNavigation();
  const isRefining = location?.pathname === "/assets";
  return (
    <>
      <PageHeader
        title="Assets"
        description="Every machine of every client, as your RMM knows it."
        actions={
          mayWrite && (
            <ButtonLink to={values.client === "" ? "/assets/new" : `/assets/new?client=${values.client}`}>
              <Plus aria-hidden />
              Add an asset
            </ButtonLink>
          )
        }
      />
      <AssetsTabs differences={differences} />
      <Card>
        <AssetFilters values={values} clients={clients} />
        <div className={cn("transition-opacity", isRefining && "opacity-60")}>
          {rows.length > 0 ? (
            <AssetTable assets={rows} />
          ) : isFiltered || page > 1 ? (
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
        {total > 0 && <Pagination page={page} pageSize={pageSize} total={total} noun="assets" />}
      </Card>
    </>
  );
}
