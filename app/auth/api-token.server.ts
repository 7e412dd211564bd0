import { findLiveApiToken, touchApiToken } from "@db/queries/api/tokens";
import { isApiToken } from "@domain/api-token";
import type { App } from "~/platform/app.server";

import { networkOf } from "./network";
import { tokenHash } from "./tokens.server";

export type LiveApiToken = NonNullable<Awaited<ReturnType<typeof findLiveApiToken>>>;

/** A token's last use is written at most this often, because a write for every request would be too many. */
const TOUCH_EVERY_MS = 60_000;

/** The token of an `Authorization: Bearer …` header (RFC 6750); null if there is none. */
export function bearerToken(request: Request): string | null {
  const [, token] = /^Bearer +([\w-]{1,200}) *$/i.exec(request.headers.get("Authorization") ?? "") ?? [];
  return token ?? null;
}

/** The owner of a request's token; null if the token is unknown, expired or revoked, or its owner was removed. */
export async function findApiToken(
  app: Pick<App, "db" | "clock">,
  token: string,
  ip: string | null,
): Promise<LiveApiToken | null> {
  // A text with a wrong checksum is not a token, so the database is not asked.
  if (!isApiToken(token)) return null;
  const now = app.clock();
  const live = await findLiveApiToken(app.db, tokenHash(token), now);
  if (live === null) return null;
  const { lastUsedAt } = live.token;
  if (lastUsedAt === null || now.getTime() - lastUsedAt.getTime() > TOUCH_EVERY_MS) {
    await touchApiToken(app.db, live.token.id, { at: now, ip: ip === null ? null : networkOf(ip) });
  }
  return live;
}
