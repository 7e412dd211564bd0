/**
 * The address to use instead, where a browser would drop the session's cookie: with an https `PUBLIC_URL` cookies are
 * secure, and a page over plain http cannot keep one. Null where it can, and where a proxy may have taken off TLS
 * unsaid: browsers send `Sec-Fetch-Site` over https and to this machine alone.
 */
export function secureAddressInstead(
  config: { secureCookies: boolean; publicUrl: string },
  request: Request,
): string | null {
  const { headers, url } = request;
  const isSecure =
    url.startsWith("https:") ||
    headers.get("X-Forwarded-Proto")?.startsWith("https") === true ||
    headers.has("Sec-Fetch-Site");
  return config.secureCookies && !isSecure ? config.publicUrl : null;
}
