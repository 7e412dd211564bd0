import { readAtOnce, withTenant, type Db, type TenantDb } from "@db/client";
import {
  findGroupPath,
  listAssetGroups,
  listAssetSystems,
  listAssetTags,
} from "@db/queries/assets/asset-choices";
import {
  assetAlerts,
  assetPlatforms,
  assetSpecials,
  assetStates,
  assetUpdates,
  customFieldConditions,
  type AssetFilter,
  type CustomFieldFilter,
} from "@db/queries/assets/asset-filter";
import {
  countAssets,
  listAssetRows,
  type AssetListRow,
  type AssetQuery,
  type Stretch,
} from "@db/queries/assets/asset-list";
import { assetKeys, assetSorts, cursorScope, type AssetOrder } from "@db/queries/assets/asset-order";
import { countDifferences } from "@db/queries/assets/differences";
import { listPartChoices } from "@db/queries/clients/client-parts";
import { listClientNames } from "@db/queries/clients/clients";
import type { KeyValues } from "@db/queries/shared/keyset";
import { findingOf } from "@domain/asset-findings";
import { isId } from "~/auth/guard.server";
import { pagePlaceOf, pagesAround } from "~/platform/http/keyset-page";
import { oneOf, pageNumber, pageSizeOf, searchText } from "~/platform/http/paging";

import { allDifferences } from "./differences.page.server";

export { customFieldConditions };
export type { AssetListRow };
const unseenChoices = ["7", "30", "90"] as const;
const diskChoices = ["80", "90", "95"] as const;
/** The most differences that are counted: each costs a comparison with a device, and the tab shows no larger number. */
const DIFFERENCES_COUNTED = 100;
/** The number of choices offered of each kind; others are found by the search. */
const OFFERED = 200;

/** The page that the address asks for. */
type Place = { after: KeyValues } | { before: KeyValues } | { page: number | "last" };

/**
 * The parameters in the address of the list, or of its CSV. An invalid parameter counts as absent, and a place in
 * another order as the first page.
 * @param withAdminOnly whether the reader may use custom fields for admins of the RMM account
 */
export function assetSearch(params: URLSearchParams, rememberedSize?: number, withAdminOnly = false) {
  const client = params.get("client");
  const group = params.get("group");
  const filter: AssetFilter = {
    text: searchText(params),
    clientId: client === "none" || isId(client) ? client : undefined,
    siteId: idIn(params, "site"),
    contactId: idIn(params, "contact"),
    type: oneOf(params, "type", ["", "workstation", "server"]) || undefined,
    platform: oneOf(params, "platform", ["", ...assetPlatforms]) || undefined,
    system: searchText(params, "system"),
    finding: findingOf(params.get("finding")),
    unseenDays: Number(oneOf(params, "unseen", ["", ...unseenChoices])) || undefined,
    tag: searchText(params, "tag"),
    groupId: isId(group) ? group : undefined,
    updates: oneOf(params, "updates", ["", ...assetUpdates]) || undefined,
    alerts: oneOf(params, "alerts", ["", ...assetAlerts]) || undefined,
    diskPercent: Number(oneOf(params, "disk", ["", ...diskChoices])) || undefined,
    special: oneOf(params, "special", ["", ...assetSpecials]) || undefined,
    custom: customFilter(params, withAdminOnly),
    state: oneOf(params, "state", assetStates),
  };
  const order: AssetOrder = {
    sort: oneOf(params, "sort", assetSorts),
    isReversed: params.get("order") === "reverse",
  };
  return { filter, order, place: placeOf(params, order), pageSize: pageSizeOf(params, rememberedSize) };
}

/** The filter by a custom field. Without a value, it asks whether the field is set. */
function customFilter(params: URLSearchParams, withAdminOnly: boolean): CustomFieldFilter | undefined {
  const fieldId = idIn(params, "custom");
  if (fieldId === undefined) return undefined;
  const value = searchText(params, "customValue");
  const asked = oneOf(params, "customIs", customFieldConditions);
  const condition = value === undefined ? "set" : asked;
  return { fieldId, condition, value: condition === "set" ? "" : (value ?? ""), withAdminOnly };
}

const idIn = (params: URLSearchParams, name: string): string | undefined => {
  const id = params.get(name);
  return isId(id) ? id : undefined;
};

export type AssetSearch = ReturnType<typeof assetSearch>;

function placeOf(params: URLSearchParams, order: AssetOrder): Place {
  const place = pagePlaceOf({ scope: cursorScope(order), keys: assetKeys(order) }, params);
  if (typeof place === "object") return place;
  return { page: place === "last" ? "last" : pageNumber(params) };
}

/**
 * A page of assets, with the choices of its filters. A statement for each; only those of the rows and the total take
 * longer for a longer list. The rows are read beside the rest.
 */
export async function readAssetList(db: Db, tenantId: string, search: AssetSearch) {
  const { page, choices } = isFirstPage(search.place)
    ? await readFirstPage(db, tenantId, search)
    : await readAtOnce(db, tenantId, {
        page: (tx) => readLaterPage(tx, tenantId, search),
        choices: (tx) => readChoices(tx, tenantId, search.filter),
      });
  const { rows, total, first, parts } = page;
  return {
    rows: rows.map(({ keys: _, found: __, haveText: ___, ...row }) => row),
    ...pagesAround(cursorScope(search.order), rows, { first, total }),
    /** The number of assets that each filter alone finds; empty if there is only one filter. */
    counts: parts,
    ...choices,
  };
}

/** What the filters offer, and the number of differences for the tab. */
async function readChoices(tx: TenantDb, tenantId: string, filter: AssetFilter) {
  return {
    clients: await listClientNames(tx, tenantId),
    sites: await listPartChoices(tx, tenantId, "site", filter.clientId, filter.siteId, OFFERED),
    contacts: await listPartChoices(tx, tenantId, "contact", filter.clientId, filter.contactId, OFFERED),
    groups: await groupChoices(tx, tenantId, filter),
    systems: await listAssetSystems(tx, tenantId, OFFERED),
    tags: await listAssetTags(tx, tenantId, OFFERED),
    differences: await countDifferences(tx, tenantId, allDifferences, DIFFERENCES_COUNTED),
  };
}

const isFirstPage = (place: Place): boolean => "page" in place && place.page === 1;

/** The rows of a page, their total, the number of assets that each of several filters finds, and of rows before it. */
interface AssetPage {
  rows: AssetListRow[];
  total: number;
  first: number;
  parts: Awaited<ReturnType<typeof countAssets>>["parts"];
}

/** The first page does not depend on the total, so both are read at once. */
async function readFirstPage(db: Db, tenantId: string, search: AssetSearch) {
  const { filter, pageSize: limit } = search;
  const hasParts = partsOf(filter).length > 1;
  // The statement of the rows counts what it finds by a text, so the other filters are counted without the text.
  const isSearch = filter.text !== undefined;
  const others = { ...search, filter: { ...filter, text: undefined } };
  const { rows, besides } = await readAtOnce(db, tenantId, {
    rows: (tx) => listAssetRows(tx, tenantId, search, { limit, offset: 0 }, hasParts),
    besides: async (tx) => ({
      counted:
        isSearch && !hasParts ? undefined : await countAssets(tx, tenantId, others, undefined, hasParts),
      choices: await readChoices(tx, tenantId, filter),
    }),
  });
  const { counted, choices } = besides;
  const { total, parts } =
    counted === undefined || isSearch
      ? await countsOfSearch(db, tenantId, search, rows, counted?.parts)
      : counted;
  return { page: { rows, total, first: 0, parts } satisfies AssetPage, choices };
}

/** What the first page of a search counts; `others` has the counts of the other filters, undefined without such. */
async function countsOfSearch(
  db: Db,
  tenantId: string,
  search: AssetSearch,
  [row]: AssetListRow[],
  others: AssetPage["parts"] | undefined,
): Promise<Pick<AssetPage, "total" | "parts">> {
  if (others === undefined) return { total: row?.found ?? 0, parts: {} };
  if (row?.found != null && row.haveText !== null)
    return { total: row.found, parts: { ...others, text: row.haveText } };
  // Without a row nothing says how many assets the text alone finds.
  return withTenant(db, tenantId, (tx) => countAssets(tx, tenantId, search, undefined, true));
}

/** Where a later page begins depends on the total. */
async function readLaterPage(tx: TenantDb, tenantId: string, search: AssetSearch): Promise<AssetPage> {
  const { place, filter } = search;
  const from = "page" in place ? undefined : place;
  const { total, beyond, parts } = await countAssets(tx, tenantId, search, from, partsOf(filter).length > 1);
  const { first, stretch } = stretchOf(search, total, beyond);
  return { rows: await listAssetRows(tx, tenantId, search, stretch), total, first, parts };
}

/** The parts of a filter that narrow the list. */
const partsOf = ({ state, ...others }: AssetFilter) => [
  ...(state === "current" ? [] : [state]),
  ...Object.values(others).filter((part) => part !== undefined),
];

/** The groups to choose from, with the chosen one even if it is not among them. */
async function groupChoices(tx: TenantDb, tenantId: string, { groupId, clientId }: AssetFilter) {
  const offered = await listAssetGroups(tx, tenantId, {
    clientId: clientId === "none" ? undefined : clientId,
    limit: OFFERED,
  });
  if (groupId === undefined || offered.some(({ id }) => id === groupId)) return offered;
  const path = await findGroupPath(tx, tenantId, groupId);
  return path === undefined ? offered : [{ id: groupId, path }, ...offered];
}

/** The rows of a page, and the number of rows before it. A page in the second half is read from the list's end. */
function stretchOf(
  { place, pageSize }: AssetSearch,
  total: number,
  beyond: number,
): { first: number; stretch: Stretch } {
  const start = { first: 0, stretch: { limit: pageSize, offset: 0 } };
  if ("after" in place && beyond > 0)
    return { first: total - beyond, stretch: { limit: pageSize, ...place } };
  if ("before" in place)
    return beyond <= pageSize ? start : { first: beyond - pageSize, stretch: { limit: pageSize, ...place } };
  const pages = Math.max(1, Math.ceil(total / pageSize));
  // A place after the last row shows the last page.
  const page = "page" in place && place.page !== "last" ? Math.min(place.page, pages) : pages;
  const first = (page - 1) * pageSize;
  if (first <= total / 2) return { first, stretch: { limit: pageSize, offset: first } };
  const limit = Math.min(pageSize, total - first);
  return { first, stretch: { limit, offsetFromEnd: total - first - limit } };
}

/** The search's matches after the given row, at most `limit` of them, for a file; empty after the last one. */
export const readAssetBatch = (
  db: Db,
  tenantId: string,
  search: AssetQuery,
  limit: number,
  after: KeyValues | undefined,
): Promise<AssetListRow[]> =>
  withTenant(db, tenantId, (tx) =>
    listAssetRows(tx, tenantId, search, after === undefined ? { limit, offset: 0 } : { limit, after }),
  );
