/**
 * The address to use instead if the browser would drop the session's cookie: with an https `PUBLIC_URL` cookies are
 * secure, and a page over plain http cannot keep one. Null if the browser keeps the cookie. A proxy may remove TLS
 * without a header that says so; `Sec-Fetch-Site` shows that case, because browsers send it only over https and to this
 * machine.
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
