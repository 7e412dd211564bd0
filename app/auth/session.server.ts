import { createCookie, type Cookie } from "@remix-run/node";

import {
  deleteExpiredSessions,
  deleteSession,
  findLiveSession,
  insertSession,
  touchSession,
} from "@db/queries/people/sessions";
import { DAY_MS } from "@domain/durations";
import type { App } from "~/platform/app.server";

import { newToken, tokenHash } from "./tokens.server";

/** A session ends after this time without a request, … */
const SESSION_IDLE_MS = 14 * DAY_MS;
/** … and after this time in any case. */
const SESSION_MAX_MS = 60 * DAY_MS;
/** A session's last use is written at most this often, because a write for every request would be too many. */
const TOUCH_EVERY_MS = 5 * 60 * 1000;

export type LiveSession = NonNullable<Awaited<ReturnType<typeof findLiveSession>>> & { token: string };

type SessionApp = Pick<App, "config" | "db" | "clock">;

/**
 * The cookie holds the token, the database its hash. Over https the prefix `__Host-` ties the cookie to this exact
 * host.
 */
export const sessionCookie = (config: { secureCookies: boolean }): Cookie =>
  createCookie(config.secureCookies ? "__Host-session" : "session", {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: config.secureCookies,
    maxAge: SESSION_MAX_MS / 1000,
  });

/** The session token in the request's signed cookie; null if there is none or it is longer than 100 characters. */
export async function readSessionToken(
  config: { secureCookies: boolean },
  request: Request,
): Promise<string | null> {
  const value: unknown = await sessionCookie(config).parse(request.headers.get("Cookie"));
  return typeof value === "string" && value.length <= 100 ? value : null;
}

/** The signed-in person, or null. Each request postpones the session's end. */
export async function findSession(app: SessionApp, request: Request): Promise<LiveSession | null> {
  const token = await readSessionToken(app.config, request);
  if (token === null) return null;
  const now = app.clock();
  const live = await findLiveSession(app.db, tokenHash(token), now);
  if (live === null) return null;
  if (now.getTime() - live.session.lastSeenAt.getTime() > TOUCH_EVERY_MS) {
    const last = live.session.createdAt.getTime() + SESSION_MAX_MS;
    const expiresAt = new Date(Math.min(now.getTime() + SESSION_IDLE_MS, last));
    await touchSession(app.db, live.session.id, { at: now, expiresAt });
  }
  return { ...live, token };
}

/** Whether a session is still valid, so that a stream that began with it may continue. */
export const isSessionLive = async ({ db, clock }: Pick<App, "db" | "clock">, id: string): Promise<boolean> =>
  (await findLiveSession(db, id, clock())) !== null;

/** Signs a user in on this browser. Returns the `Set-Cookie` value. */
export async function startSession(
  app: SessionApp,
  user: { id: string; tenantId: string },
  browser: { ip: string | null; userAgent: string | null },
): Promise<string> {
  const token = newToken();
  const now = app.clock();
  await deleteExpiredSessions(app.db, now);
  await insertSession(app.db, {
    id: tokenHash(token),
    tenantId: user.tenantId,
    userId: user.id,
    createdAt: now,
    lastSeenAt: now,
    expiresAt: new Date(now.getTime() + SESSION_IDLE_MS),
    ip: browser.ip,
    userAgent: browser.userAgent?.slice(0, 300) ?? null,
  });
  return sessionCookie(app.config).serialize(token);
}

/** Ends this browser's session. Returns the `Set-Cookie` value that removes the cookie. */
export async function endSession(app: SessionApp, token: string | null): Promise<string> {
  if (token !== null) await deleteSession(app.db, tokenHash(token));
  return sessionCookie(app.config).serialize("", { maxAge: 0 });
}
