import { createCookie } from "@remix-run/node";

import type { Flash } from "~/platform/ports";

/** Preferences in the browser's cookies: theme, page size, columns, time zone, and the one message to show next. */

export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

const YEAR_S = 365 * 24 * 3600;
const shared = { path: "/", sameSite: "lax" } as const;

const themeCookie = createCookie("theme", { ...shared, httpOnly: true, maxAge: YEAR_S });
const pageSizeCookie = createCookie("page_size", { ...shared, httpOnly: true, maxAge: YEAR_S });
const assetColumnsCookie = createCookie("asset_columns", { ...shared, httpOnly: true, maxAge: YEAR_S });
const flashCookie = createCookie("flash", { ...shared, httpOnly: true, maxAge: 60 });

/** The theme in the request's cookie; `system` if there is none. */
export async function readTheme(request: Request): Promise<Theme> {
  const value: unknown = await themeCookie.parse(request.headers.get("Cookie"));
  return themes.find((theme) => theme === value) ?? "system";
}

/** The Set-Cookie header that stores the theme. */
export const writeTheme = (theme: Theme): Promise<string> => themeCookie.serialize(theme);

/** The number of rows that the reader last chose for a page of a long list; undefined before a choice. */
export async function readPageSize(request: Request): Promise<number | undefined> {
  const value: unknown = await pageSizeCookie.parse(request.headers.get("Cookie"));
  return typeof value === "number" ? value : undefined;
}

/** The Set-Cookie header that stores the number of rows on a page. */
export const writePageSize = (size: number): Promise<string> => pageSizeCookie.serialize(size);

/** The names of the columns that the reader last chose for the asset list; undefined before a choice. */
export async function readAssetColumns(request: Request): Promise<string[] | undefined> {
  const value: unknown = await assetColumnsCookie.parse(request.headers.get("Cookie"));
  return typeof value === "string" ? value.split(" ") : undefined;
}

/** The Set-Cookie header that stores the columns of the asset list. */
export const writeAssetColumns = (columns: readonly string[]): Promise<string> =>
  assetColumnsCookie.serialize(columns.join(" "));

/**
 * The reader's IANA time zone, which the browser sends in a plain cookie (see `time.tsx`); UTC until it has sent one.
 */
export function readTimeZone(request: Request): string {
  const zone = /(?:^|;\s*)tz=([A-Za-z0-9_+\-/%]{1,64})/.exec(request.headers.get("Cookie") ?? "")?.[1];
  if (zone === undefined) return "UTC";
  try {
    return new Intl.DateTimeFormat("en", { timeZone: decodeURIComponent(zone) }).resolvedOptions().timeZone;
  } catch {
    return "UTC";
  }
}

/** The message of the previous action; null if there is none. Show it once: send `forgetFlash` with the answer. */
export async function readFlash(request: Request): Promise<Flash | null> {
  const value: unknown = await flashCookie.parse(request.headers.get("Cookie"));
  if (typeof value !== "object" || value === null) return null;
  const { id, kind, text } = value as Partial<Flash>;
  if (typeof id !== "string" || typeof text !== "string") return null;
  return { id, text: text.slice(0, 500), kind: kind === "error" || kind === "info" ? kind : "success" };
}

/** A `Set-Cookie` value that shows `text` on the next page. */
export const flash = (text: string, kind: Flash["kind"] = "success"): Promise<string> =>
  flashCookie.serialize({ id: crypto.randomUUID(), kind, text } satisfies Flash);

/** The Set-Cookie header that removes a message once it has been shown. */
export const forgetFlash = (): Promise<string> => flashCookie.serialize("", { maxAge: 0 });
