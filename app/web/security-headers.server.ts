export interface SecurityHeaderOptions {
  /** The nonce of this one response. Absent: an answer that runs no script. */
  nonce?: string;
  /** The app is served over https: browsers are told to stay there. */
  https: boolean;
  /** In development the live reload opens a web socket to another port. */
  development?: boolean;
}

/**
 * Headers for every answer of the app. Scripts run by nonce alone, and nothing is loaded from elsewhere.
 * Style attributes are allowed (bar widths, positions of menus): they cannot run anything.
 */
export function securityHeaders(options: SecurityHeaderOptions): Record<string, string> {
  const nonce = options.nonce === undefined ? "" : ` 'nonce-${options.nonce}'`;
  const directives = [
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
  ];
  return {
    "Content-Security-Policy": directives.join("; "),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    // Not `no-referrer`: with it browsers send `Origin: null`, which the same-origin check refuses.
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    ...(options.https ? { "Strict-Transport-Security": "max-age=31536000" } : {}),
  };
}

/** Sets the headers that are not set yet: a route may be stricter, never laxer by accident. */
export function applySecurityHeaders(headers: Headers, options: SecurityHeaderOptions): void {
  for (const [name, value] of Object.entries(securityHeaders(options))) {
    if (!headers.has(name)) headers.set(name, value);
  }
  // Pages show one person's view of one tenant: no cache may keep them.
  if (!headers.has("Cache-Control")) headers.set("Cache-Control", "private, no-store");
}
