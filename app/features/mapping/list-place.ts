/** Where in the plain list somebody is, for an address: the search and the page, and the group to be changed. */
export function listPlace(params: URLSearchParams, group?: string): string {
  const kept = new URLSearchParams();
  for (const name of ["q", "page"]) {
    const value = params.get(name);
    if (value !== null && value !== "") kept.set(name, value);
  }
  if (group !== undefined) kept.set("group", group);
  return kept.size === 0 ? "" : `?${kept}`;
}
