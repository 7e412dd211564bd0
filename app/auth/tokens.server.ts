import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits, safe in a URL and in a cookie. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** The stored form of a token, so that a leaked table signs nobody in. A plain hash is enough: the token is random. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/**
 * The CSRF token of a session. Derived from the session's token: only the holder of the session's cookie (HttpOnly)
 * gets it, and it ends with the session.
 */
export const csrfTokenOf = (sessionToken: string): string =>
  createHmac("sha256", sessionToken).update("csrf").digest("base64url");

/** Compares in constant time, whatever the lengths of the texts. */
export function sameToken(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
