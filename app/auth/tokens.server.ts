import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits, safe in a URL and in a cookie. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** The stored form of a token, so that a leaked table signs nobody in. A plain hash is enough: the token is random. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Bound to the session: only who holds the session's cookie (HttpOnly) can be given it, and it ends with it. */
export const csrfTokenOf = (sessionToken: string): string =>
  createHmac("sha256", sessionToken).update("csrf").digest("base64url");

/** Compares in constant time, whatever the lengths. */
export function sameToken(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
