import { redirect } from "@remix-run/node";

/** A page number in an address. Anything odd is page 1; beyond 100,000 nobody reads. */
export function pageNumber(params: URLSearchParams): number {
  const page = Number(params.get("page") ?? "1");
  return Number.isInteger(page) && page >= 1 && page <= 100_000 ? page : 1;
}

/** How many rows a page of a long list may have. */
export const pageSizes = [50, 100, 200] as const;

/** As many rows as the address says; otherwise as many as were chosen last, or the fewest. */
export function pageSizeOf(params: URLSearchParams, remembered?: number): number {
  const known = (given: string | undefined | null) => pageSizes.find((size) => String(size) === given);
  return known(params.get("size")) ?? known(String(remembered)) ?? pageSizes[0];
}

/**
 * The list that was read for `page`.
 * @throws Response to the last page there is, where the address names one beyond it
 */
export function withinPages<T extends { total: number }>(
  url: URL,
  page: number,
  pageSize: number,
  list: T,
): T {
  const last = Math.max(1, Math.ceil(list.total / pageSize));
  if (page <= last) return list;
  const params = new URLSearchParams(url.searchParams);
  params.set("page", String(last));
  // Remix marks data requests with this parameter; it is no part of the page's address.
  params.delete("_data");
  throw redirect(`${url.pathname}?${params}`);
}

/** One of the allowed words of a parameter, or the first. */
export function oneOf<const T extends string>(
  params: URLSearchParams,
  name: string,
  words: readonly [T, ...T[]],
): T {
  const given = params.get(name);
  return words.find((word) => word === given) ?? words[0];
}

/** A text to search for, of at most 200 characters; undefined if there is none. */
export const cleanSearch = (text: string): string | undefined =>
  text.replaceAll("\u0000", "").trim().slice(0, 200) || undefined;

/** The same from an address. */
export function searchText(params: URLSearchParams, name = "q"): string | undefined {
  return cleanSearch(params.get(name) ?? "");
}
