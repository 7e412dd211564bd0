/**
 * Scripts run by nonce alone, and nothing is loaded from elsewhere. Style attributes are allowed (bar widths, positions
 * of menus): they cannot run anything.
 * @param options.nonce of this one page; absent: an answer that runs no script
 * @param options.development the live reload opens a web socket to another port
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
 * The headers that the web server adds to every answer that does not set them itself. A route may be stricter, but
 * never laxer by accident.
 * @param options.https the app is served over https: browsers are told to stay there
 */
export const baseHeaders = (options: { https: boolean }): Record<string, string> => ({
  // Pages show one person's view of one tenant: no cache may keep them.
  "Cache-Control": "private, no-store",
  "Content-Security-Policy": contentSecurityPolicy(),
  "X-Content-Type-Options": "nosniff",
  "X-Frame-Options": "DENY",
  // Not `no-referrer`: with it browsers send `Origin: null`, which the same-origin check refuses.
  "Referrer-Policy": "same-origin",
  "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Resource-Policy": "same-origin",
  ...(options.https ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
});
