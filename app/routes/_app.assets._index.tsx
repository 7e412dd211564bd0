import { json, type MetaFunction } from "@remix-run/node";
import { Link, useActionData, useLoaderData, useLocation, useNavigation } from "@remix-run/react";
import { Monitor, Plus, SearchX } from "lucide-react";

import { useState } from "react";

import { allows } from "@domain/permissions";
import { guarded, guardedIntents } from "~/auth/guard.server";
import { BulkPreviewCallout, BulkUndoCallout } from "~/features/assets/asset-bulk";
import { assetColumns, columnsIn, customColumn, usualColumns } from "~/features/assets/asset-columns";
import { AssetFilterChips, AssetFilters } from "~/features/assets/asset-filters";
import { assetSearch, customFieldConditions, readAssetList } from "~/features/assets/asset-list.page.server";
import {
  chosenCustomColumns,
  customFieldChoices,
  customValuesOf,
} from "~/features/assets/custom-columns.server";
import { mayReadAdminOnly } from "~/features/assets/custom-fields.page.server";
import { AssetRows } from "~/features/assets/asset-rows";
import { AssetsTabs } from "~/features/assets/assets-tabs";
import { readBulkUndo } from "~/features/assets/bulk.server";
import { changeChosen, previewChosen, undoChosen } from "~/features/assets/bulk-actions.server";
import {
  readSavedViews,
  removeShownView,
  saveShownView,
  viewQuery,
} from "~/features/assets/saved-views.server";
import { ColumnMenu, ViewMenu } from "~/features/assets/view-menu";
import { actorOf } from "~/platform/actor";
import { oneOf, pageSizes, searchText, withinPages } from "~/platform/http/paging";
import {
  readAssetColumns,
  readPageSize,
  writeAssetColumns,
  writePageSize,
} from "~/platform/http/preferences.server";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { Card } from "~/ui/card";
import { cn } from "~/ui/cn";
import { DownloadLink } from "~/ui/download-link";
import { EmptyState } from "~/ui/empty-state";
import { ListPages } from "~/ui/list-pages";
import { PageHeader } from "~/ui/page-header";
import { firstPage } from "~/ui/paths";

export const meta: MetaFunction = () => [{ title: "Assets · Plumbline" }];

export const loader = /* @__PURE__ */ guarded(
  { permission: "assets:read" },
  async ({ app, tenantId, url, user, ip, request }) => {
    const params = url.searchParams;
    const remembered = await readPageSize(request);
    const search = assetSearch(params, remembered, mayReadAdminOnly(user.role));
    const { filter, order, place, pageSize } = search;
    const list = await readAssetList(app.db, tenantId, search);
    const undo = await readBulkUndo(app.sync, tenantId, actorOf({ user, ip }), params.get("undo"));
    if ("page" in place && place.page !== "last") withinPages(url, place.page, pageSize, list);
    const { clientId, text, state, ...others } = filter;
    const chosenColumns = columnsIn(params);
    const rememberedColumns = await readAssetColumns(request);
    const customFields = await customFieldChoices(app.db, tenantId, user.role);
    const customWords = chosenColumns === undefined ? (rememberedColumns ?? []) : params.getAll("col");
    const customColumns = chosenCustomColumns(customFields, customWords);
    const ids = list.rows.map(({ id }) => id);
    const data = {
      ...list,
      customFields,
      customColumns,
      customValues: await customValuesOf(app.db, tenantId, ids, customColumns, user.role),
      undo,
      columns:
        chosenColumns ?? assetColumns.filter((one) => (rememberedColumns ?? usualColumns).includes(one)),
      views: await readSavedViews(app.db, tenantId, user.id),
      shown: viewQuery(params),
      pageSize,
      pageSizes,
      values: {
        q: text ?? "",
        client: clientId ?? "",
        site: filter.siteId ?? "",
        contact: filter.contactId ?? "",
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
        custom: filter.custom?.fieldId ?? "",
        customIs: filter.custom === undefined ? "" : oneOf(params, "customIs", customFieldConditions),
        customValue: filter.custom === undefined ? "" : (searchText(params, "customValue") ?? ""),
        sort: order.sort === "name" ? "" : order.sort,
        order: order.isReversed ? "reverse" : "",
      },
      order,
      isFiltered:
        state !== "current" ||
        [clientId, text, ...Object.values(others)].some((value) => value !== undefined),
      mayWrite: allows(user.role, "assets:write"),
      mayChange: allows(user.role, "assets:write") || allows(user.role, "devices:refresh"),
    };
    const headers = new Headers();
    if (params.has("size") && pageSize !== remembered)
      headers.append("Set-Cookie", await writePageSize(pageSize));
    if (chosenColumns !== undefined)
      headers.append(
        "Set-Cookie",
        await writeAssetColumns([...chosenColumns, ...customColumns.map(({ id }) => customColumn(id))]),
      );
    return json(data, { headers });
  },
);

export const action = /* @__PURE__ */ guardedIntents({
  "bulk-preview": { permission: "assets:read", run: previewChosen },
  bulk: { permission: "assets:write", run: (context) => changeChosen(context, "change") },
  "bulk-refresh": {
    permission: "devices:refresh",
    provider: "levelio",
    run: (context) => changeChosen(context, "refresh"),
  },
  "save-view": { permission: "assets:read", run: saveShownView },
  "remove-view": { permission: "assets:read", run: removeShownView },
  "bulk-undo": { permission: "assets:write", run: undoChosen },
});

export default function AssetsPage() {
  const data = useLoaderData<typeof loader>();
  const answer = useActionData<typeof action>();
  const [closed, setClosed] = useState<unknown>();
  const preview =
    answer !== undefined && answer !== closed && "preview" in answer ? answer.preview : undefined;
  const errors = answer !== undefined && "errors" in answer ? answer.errors : undefined;
  const refusal = errors?.form ?? errors?.name;
  const { rows, total, differences, undo, values, isFiltered, mayWrite } = data;
  const { search } = useLocation();
  const { location, formMethod } = useNavigation();
  // While a preview loads, the list stays as it is, because the preview is about that list.
  const isRefining = location?.pathname === "/assets" && formMethod !== "POST";
  return (
    <>
      <PageHeader
        title="Assets"
        description="Every machine of every client, as your RMM knows it."
        actions={
          <>
            {total > 0 && <DownloadLink href={`/assets.csv?${csvQuery(search, data)}`} />}
            <ViewMenu
              key={data.shown}
              views={data.views}
              shown={data.shown}
              mayShare={data.mayChange}
              error={errors?.name}
            />
            <ColumnMenu {...data} />
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
      {refusal !== undefined && (
        <Callout tone="warn" alert className="mb-5">
          {refusal}
        </Callout>
      )}
      {preview !== undefined && <BulkPreviewCallout preview={preview} onClose={() => setClosed(answer)} />}
      {mayWrite && undo !== null && <BulkUndoCallout undo={undo} />}
      <Card>
        <AssetFilters {...data} />
        <AssetFilterChips {...data} />
        <div className={cn("transition-opacity", isRefining && "opacity-60")}>
          {rows.length > 0 ? (
            <AssetRows
              // Another filter makes another list, which must not keep the ticks of this one.
              key={filterOf(search)}
              {...data}
            />
          ) : isFiltered ? (
            <EmptyState
              icon={SearchX}
              title="No asset matches"
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
        {total > 0 && <ListPages {...data} shown={rows.length} noun="asset" />}
      </Card>
    </>
  );
}

interface CsvColumns {
  columns: readonly string[];
  customColumns: readonly { id: string }[];
}

/** The query of the file: the filters, order and columns of the list. */
function csvQuery(search: string, { columns, customColumns }: CsvColumns): string {
  const params = firstPage(search);
  params.delete("col");
  const custom = customColumns.map(({ id }) => customColumn(id));
  for (const column of ["name", ...columns, ...custom]) params.append("col", column);
  return String(params);
}

/** The filters of the address, without order, place and columns. */
function filterOf(search: string): string {
  const params = firstPage(search);
  for (const name of ["index", "sort", "order", "size", "undo", "col"]) params.delete(name);
  return String(params);
}
