/**
 * Whether a request that changes something comes from a page of this app. Browsers state where a POST comes from
 * in `Origin`, and newer ones in `Sec-Fetch-Site`; a page cannot forge either. A request with neither comes from a
 * program, which has no one's cookies to abuse.
 */
export function isSameOrigin(request: Request, publicUrl: string): boolean {
  const site = request.headers.get("Sec-Fetch-Site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  const origin = request.headers.get("Origin");
  if (origin === null) return true;
  const host = hostOf(origin);
  return host !== null && (host === hostOf(request.url) || host === hostOf(publicUrl));
}

function hostOf(url: string): string | null {
  try {
    return new URL(url).host;
  } catch {
    return null;
  }
}
