/**
 * Whether a request that changes something comes from a page of this app. Browsers state the origin of a POST in
 * `Origin`, newer ones also in `Sec-Fetch-Site`, and a page can forge neither. A request without either header comes
 * from a program, which holds nobody's cookies.
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
