/** The place in the plain list for a URL: search, page and the group to change. */
export function listPlace(params: URLSearchParams, group?: string): string {
  const kept = new URLSearchParams();
  for (const name of ["q", "page"]) {
    const value = params.get(name);
    if (value !== null && value !== "") kept.set(name, value);
  }
  if (group !== undefined) kept.set("group", group);
  return kept.size === 0 ? "" : `?${kept}`;
}
