import { createCookie, type Cookie } from "@remix-run/node";
import * as z from "zod";

import type { App } from "~/platform/app.server";

type ChoiceApp = Pick<App, "config" | "cookieKeys" | "clock">;

/** Milliseconds that a person has to choose a company after entering the right password. */
const CHOICE_MS = 5 * 60 * 1000;

const shape = z.object({ accounts: z.array(z.uuid()), until: z.number() });

const choiceCookie = ({ config, cookieKeys }: ChoiceApp): Cookie =>
  createCookie(config.secureCookies ? "__Host-company" : "company", {
    path: "/",
    httpOnly: true,
    sameSite: "lax",
    secure: config.secureCookies,
    maxAge: CHOICE_MS / 1000,
    secrets: cookieKeys("company"),
  });

/** Remembers the accounts whose password was right. Returns the `Set-Cookie` value. */
export const offerChoice = (app: ChoiceApp, accounts: string[]): Promise<string> =>
  choiceCookie(app).serialize({ accounts, until: app.clock().getTime() + CHOICE_MS });

/** Whether this browser entered the right password of the account, not too long ago. */
export async function mayChoose(app: ChoiceApp, cookies: string | null, accountId: string): Promise<boolean> {
  const parsed = shape.safeParse(await choiceCookie(app).parse(cookies));
  return (
    parsed.success && parsed.data.until > app.clock().getTime() && parsed.data.accounts.includes(accountId)
  );
}

/** The `Set-Cookie` value that forgets the accounts. */
export const forgetChoice = (app: ChoiceApp): Promise<string> =>
  choiceCookie(app).serialize("", { maxAge: 0 });
