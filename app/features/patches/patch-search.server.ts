import type { PatchFilter } from "@db/queries/patches/pending-updates";
import { oneOf, searchText } from "~/platform/http/paging";

export const PATCHES_PAGE_SIZE = 50;

/** The ages that the filters offer, in days. */
const ages = ["", "7", "14", "30", "60", "90"] as const;

const clientPattern = /^(none|[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;

/** The filter of the patch pages in an address; invalid parameters are left out. */
export function patchFilter(params: URLSearchParams): PatchFilter {
  const client = params.get("client") ?? "";
  return {
    text: searchText(params),
    clientId: clientPattern.test(client) ? client : undefined,
    category: searchText(params, "category"),
    type: oneOf(params, "type", ["", "workstation", "server"]) || undefined,
    minDays: Number(oneOf(params, "age", ages)) || undefined,
  };
}

/** The filter as the values of the page's fields. */
export const filterValues = (filter: PatchFilter) => ({
  q: filter.text ?? "",
  client: filter.clientId ?? "",
  category: filter.category ?? "",
  type: filter.type ?? "",
  age: String(filter.minDays ?? ""),
});

export type PatchFilterValues = ReturnType<typeof filterValues>;

/** Whether any filter is set. */
export const isFiltered = (filter: PatchFilter): boolean =>
  Object.values(filter).some((value) => value !== undefined);

/** The name of a list in an order, for its cursors. */
export const patchScope = (list: string, order: { sort: string; isReversed: boolean }) =>
  `${list}:${order.sort}${order.isReversed ? ":reverse" : ""}`;
