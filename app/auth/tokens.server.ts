import { createHash, createHmac, randomBytes, timingSafeEqual } from "node:crypto";

/** 256 random bits, safe in a URL and in a cookie. */
export const newToken = (): string => randomBytes(32).toString("base64url");

/** What is stored of a token: a leaked table signs nobody in. The token is random, so a plain hash is enough. */
export const tokenHash = (token: string): string => createHash("sha256").update(token).digest("hex");

/** Bound to the session: only who holds the session's cookie (HttpOnly) can be given it, and it ends with it. */
export const csrfTokenOf = (sessionToken: string): string =>
  createHmac("sha256", sessionToken).update("csrf").digest("base64url");

/** Compares in constant time, whatever the lengths. */
export function sameToken(a: string, b: string): boolean {
  const digest = (text: string) => createHash("sha256").update(text).digest();
  return timingSafeEqual(digest(a), digest(b));
}
