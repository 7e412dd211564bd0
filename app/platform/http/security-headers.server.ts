/**
 * The content security policy: only scripts with the nonce run, and nothing is loaded from elsewhere. Style attributes
 * are allowed (widths of bars, positions of menus), because they cannot run anything.
 * @param options.nonce the nonce of this page; absent for an answer that runs no script
 * @param options.development allows the web socket of the live reload, which is on another port
 */
export function contentSecurityPolicy(options: { nonce?: string; development?: boolean } = {}): string {
  const nonce = options.nonce === undefined ? "" : ` 'nonce-${options.nonce}'`;
  return [
    "default-src 'none'",
    `script-src 'self'${nonce}`,
    `style-src 'self'${nonce}`,
    "style-src-attr 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    `connect-src 'self'${options.development ? " ws:" : ""}`,
    "manifest-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

/**
 * The headers that the web server adds to every answer that does not set them itself. A route can be stricter, but
 * never laxer by accident.
 * @param options.https whether the app is served over https: then browsers are told to use https alone
 */
export const baseHeaders = (options: { https: boolean }): Record<string, string> => ({
  // Pages show one person's view of one tenant, so no cache may keep them.
  "Cache-Control": "private, no-store",
  "Content-Security-Policy": contentSecurityPolicy(),
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  // With `no-referrer`, browsers send `Origin: null`, which the same-origin check refuses.
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  ...(options.https ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
});
