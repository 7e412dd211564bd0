import { createCookie, type Cookie } from "@remix-run/node";
import * as z from "zod";

import type { App } from "~/platform/app.server";

import { newToken } from "./tokens.server";

type DeviceApp = Pick<App, "config" | "cookieKeys">;

/** A browser in which somebody has signed in, and the accounts that signed in there. */
export interface Device {
  id: string;
  accounts: string[];
}

const DAYS = 400;
/** A browser that more people share is unlikely; the limit keeps the cookie small. */
const MAX_ACCOUNTS = 20;

const shape = z.object({ id: z.string().max(100), accounts: z.array(z.uuid()).max(MAX_ACCOUNTS) });

/**
 * Signed, so that nobody can forge a device. The cookie signs nobody in: attempts of a known device count separately.
 */
const deviceCookie = ({ config, cookieKeys }: DeviceApp): Cookie =>
  createCookie(config.secureCookies ? "__Host-device" : "device", {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: config.secureCookies,
    maxAge: DAYS * 24 * 3600,
    secrets: cookieKeys("device"),
  });

/** The device in a request's cookies; null if nobody has signed in with that browser. */
export async function readDevice(app: DeviceApp, cookies: string | null): Promise<Device | null> {
  const parsed = shape.safeParse(await deviceCookie(app).parse(cookies));
  return parsed.success ? parsed.data : null;
}

/** Has the browser remember that this account signed in there. Returns the `Set-Cookie` value. */
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
