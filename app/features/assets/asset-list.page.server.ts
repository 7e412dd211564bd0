import { withTenant, type Db } from "@db/client";
import {
  assetPlatforms,
  assetSorts,
  assetStates,
  countAssets,
  listAssetRows,
  listAssetTags,
  type AssetFilter,
  type AssetListRow,
  type AssetOrder,
} from "@db/queries/assets/asset-list";
import { countDifferences } from "@db/queries/assets/differences";
import { listClientNames } from "@db/queries/clients/clients";
import { findingOf } from "@domain/asset-findings";
import { isId } from "~/auth/guard.server";
import { oneOf, pageNumber, searchText } from "~/platform/http/paging";

import { allDifferences } from "./differences.page.server";

export type { AssetListRow };

const assetPageSizes = [50, 100, 200] as const;

const unseenChoices = ["7", "30", "90"] as const;
const TAGS_OFFERED = 200;

/** What the address of the list, or of its CSV, asks for. Anything odd in it counts as not said. */
export function assetSearch(params: URLSearchParams) {
  const client = params.get("client");
  const filter: AssetFilter = {
    text: searchText(params),
    clientId: client === "none" || isId(client) ? client : undefined,
    type: oneOf(params, "type", ["", "workstation", "server"]) || undefined,
    platform: oneOf(params, "platform", ["", ...assetPlatforms]) || undefined,
    system: searchText(params, "system"),
    finding: findingOf(params.get("finding")),
    unseenDays: Number(oneOf(params, "unseen", ["", ...unseenChoices])) || undefined,
    tag: searchText(params, "tag"),
    special: oneOf(params, "special", ["", "overridden", "unmanaged"]) || undefined,
    state: oneOf(params, "state", assetStates),
  };
  const order: AssetOrder = {
    sort: oneOf(params, "sort", assetSorts),
    isReversed: params.get("order") === "reverse",
  };
  const pageSize = assetPageSizes.find((size) => String(size) === params.get("size")) ?? assetPageSizes[0];
  return { filter, order, page: pageNumber(params), pageSize };
}

export type AssetSearch = ReturnType<typeof assetSearch>;

/** A page of assets. Five statements: the page, its total, clients and tags to choose from, differences. */
export async function readAssetList(
  db: Db,
  tenantId: string,
  { filter, order, page, pageSize }: AssetSearch,
) {
  return withTenant(db, tenantId, async (tx) => ({
    rows: await listAssetRows(tx, tenantId, filter, order, {
      limit: pageSize,
      offset: (page - 1) * pageSize,
    }),
    total: await countAssets(tx, tenantId, filter),
    clients: await listClientNames(tx, tenantId),
    tags: await listAssetTags(tx, tenantId, TAGS_OFFERED),
    differences: await countDifferences(tx, tenantId, allDifferences),
  }));
}

/** A batch of what a search finds, for a file; empty behind the last. */
export const readAssetBatch = (
  db: Db,
  tenantId: string,
  { filter, order }: Pick<AssetSearch, "filter" | "order">,
  batch: { limit: number; offset: number },
): Promise<AssetListRow[]> =>
  withTenant(db, tenantId, (tx) => listAssetRows(tx, tenantId, filter, order, batch));
