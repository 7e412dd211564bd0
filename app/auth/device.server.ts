import { createCookie, type Cookie } from "@remix-run/node";
import * as z from "zod";

import type { App } from "~/platform/app.server";

import { newToken } from "./tokens.server";

type DeviceApp = Pick<App, "config" | "cookieKeys">;

/** A browser that somebody signed in with, and the accounts it was used for. */
export interface Device {
  id: string;
  accounts: string[];
}

const DAYS = 400;
/** More people than that do not share a browser; the cookie stays small. */
const MAX_ACCOUNTS = 20;

const shape = z.object({ id: z.string().max(100), accounts: z.array(z.uuid()).max(MAX_ACCOUNTS) });

/** Signed, so that nobody can invent a device. It signs nobody in: it only counts a device's attempts separately. */
const deviceCookie = ({ config, cookieKeys }: DeviceApp): Cookie =>
  createCookie(config.secureCookies ? "__Host-device" : "device", {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: config.secureCookies,
    maxAge: DAYS * 24 * 3600,
    secrets: cookieKeys("device"),
  });

/** The device of a request's cookies; null if nobody has signed in with it. */
export async function readDevice(app: DeviceApp, cookies: string | null): Promise<Device | null> {
  const parsed = shape.safeParse(await deviceCookie(app).parse(cookies));
  return parsed.success ? parsed.data : null;
}

/** Has the browser remember that this account signed in with it. Returns the `Set-Cookie` value. */
export async function rememberDevice(
  app: DeviceApp,
  cookies: string | null,
  accountId: string,
): Promise<string> {
  const known = await readDevice(app, cookies);
  const others = (known?.accounts ?? []).filter((id) => id !== accountId);
  const device: Device = {
    id: known?.id ?? newToken(),
    accounts: [accountId, ...others].slice(0, MAX_ACCOUNTS),
  };
  return deviceCookie(app).serialize(device);
}
