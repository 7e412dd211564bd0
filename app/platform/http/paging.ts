import { redirect } from "@remix-run/node";

/** The page number in an address. An invalid number counts as page 1, and 100,000 is the highest. */
export function pageNumber(params: URLSearchParams): number {
  const page = Number(params.get("page") ?? "1");
  return Number.isInteger(page) && page >= 1 && page <= 100_000 ? page : 1;
}

/** The numbers of rows that a page of a long list may have. */
export const pageSizes = [50, 100, 200] as const;

/** The number of rows that the address asks for; otherwise the number chosen last, or the smallest. */
export function pageSizeOf(params: URLSearchParams, remembered?: number): number {
  const known = (given: string | undefined | null) => pageSizes.find((size) => String(size) === given);
  return known(params.get("size")) ?? known(String(remembered)) ?? pageSizes[0];
}

/**
 * Returns the list that was read for `page`.
 * @throws Response a redirect to the last page, if the address names a page after it
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
  // Remix adds this parameter to data requests; it is not part of the page's address.
  params.delete("_data");
  throw redirect(`${url.pathname}?${params}`);
}

/** The parameter's value if it is one of the allowed words, otherwise the first of them. */
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

/** The search text in an address, of at most 200 characters; undefined if there is none. */
export function searchText(params: URLSearchParams, name = "q"): string | undefined {
  return cleanSearch(params.get(name) ?? "");
}
