import type { AuditAction } from "@domain/audit-actions";
import { audit } from "@db/queries/audit/audit";
import {
  findAccount,
  findAccountsByEmail,
  markSignedIn,
  normalEmail,
  type Account,
} from "@db/queries/people/users";
import type { App } from "~/platform/app.server";

import { forgetChoice, mayChoose, offerChoice } from "./company-choice.server";
import { readDevice, rememberDevice } from "./device.server";
import { notifyOfLock } from "./lock.server";
import { verifyPasswords } from "./password.server";
import { startSession } from "./session.server";
import { throttleOf, UNLOCKED_MS } from "./throttle.server";

/** The browser that signs in, as the limits on sign-in identify it. */
export interface SigningBrowser {
  ip: string | null;
  userAgent: string | null;
  /** The `Cookie` header. */
  cookies: string | null;
}

/** The parts of a request that identify a browser to the limits on sign-in. */
export const browserOf = (request: Request, ip: string | null): SigningBrowser => ({
  ip,
  userAgent: request.headers.get("User-Agent"),
  cookies: request.headers.get("Cookie"),
});

export type SignInOutcome =
  | { outcome: "signed-in"; cookies: string[] }
  /** The password is right at several companies. */
  | { outcome: "choose"; cookies: string[]; companies: { accountId: string; name: string }[] }
  /** Wrong e-mail or wrong password; the answer does not say which. */
  | { outcome: "wrong" }
  | { outcome: "throttled"; retryAfterS: number };

/** Checks an e-mail and a password against each account of the address, and starts a session. */
export async function signIn(
  app: App,
  given: { email: string; password: string },
  browser: SigningBrowser,
): Promise<SignInOutcome> {
  const email = normalEmail(given.email);
  const throttle = throttleOf(app);
  const retryAfterS = await throttle.attempt(email, browser.ip);
  const all = await findAccountsByEmail(app.db, email);
  const accounts = retryAfterS === null ? all : await stillOpen(app, all, browser);
  if (retryAfterS !== null && accounts.length === 0) {
    const lockedForS = await throttle.lockedForS(email);
    if (lockedForS !== null) notifyOfLock(app, email, lockedForS);
    return { outcome: "throttled", retryAfterS };
  }

  const right = await verifyPasswords(accounts, given.password);
  if (right.length === 0) {
    // Not awaited: only a known e-mail has something to write, so the time would reveal which are known.
    for (const account of accounts) auditSession(app, account, "session.refused", browser).catch(noteFailure);
    return { outcome: "wrong" };
  }
  if (retryAfterS === null) await throttle.succeeded(email, browser.ip);
  const [only, ...others] = right;
  if (only !== undefined && others.length === 0) {
    return { outcome: "signed-in", cookies: await enter(app, only, browser) };
  }
  return {
    outcome: "choose",
    cookies: [
      await offerChoice(
        app,
        right.map(({ id }) => id),
      ),
    ],
    companies: right.map(({ id, company }) => ({ accountId: id, name: company })),
  };

  function noteFailure(error: unknown): void {
    app.log.warn({ err: error }, "A refused sign-in could not be written to the audit log");
  }
}

/**
 * Signs in at one of the companies that `signIn` offered this browser. Null if `signIn` offered none, or the offer has
 * expired.
 */
export async function chooseCompany(
  app: App,
  accountId: string,
  browser: SigningBrowser,
): Promise<string[] | null> {
  if (!(await mayChoose(app, browser.cookies, accountId))) return null;
  const account = await findAccount(app.db, accountId);
  if (account === null) return null;
  return [...(await enter(app, account, browser)), await forgetChoice(app)];
}

/** Starts the session of a person who has proved to own the account. Returns the `Set-Cookie` values. */
export async function startAccountSession(
  app: App,
  account: Pick<Account, "id" | "tenantId">,
  browser: SigningBrowser,
): Promise<string[]> {
  const cookie = await startSession(app, account, browser);
  await markSignedIn(app.db, account.tenantId, account.id, app.clock());
  return [cookie, await rememberDevice(app, browser.cookies, account.id)];
}

async function enter(app: App, account: Account, browser: SigningBrowser): Promise<string[]> {
  const cookies = await startAccountSession(app, account, browser);
  await auditSession(app, account, "session.started", browser);
  return cookies;
}

/**
 * The accounts that may be tried despite too many attempts: those that have signed in with this browser, and those that
 * an administrator has just unlocked. Attempts count for each account separately, so that an account at one company
 * does not help to guess the password of an account with the same e-mail at another.
 */
async function stillOpen(app: App, accounts: Account[], browser: SigningBrowser): Promise<Account[]> {
  const device = await readDevice(app, browser.cookies);
  const throttle = throttleOf(app);
  const now = app.clock().getTime();
  const isOpen = async ({ id, signInUnlockedAt: at }: Account): Promise<boolean> => {
    if (device?.accounts.includes(id))
      return (await throttle.attemptApart(`device ${device.id} ${id}`)) === null;
    if (at === null || now - at.getTime() >= UNLOCKED_MS) return false;
    return (await throttle.attemptUnlocked(`unlocked ${at.getTime()} ${id}`, browser.ip)) === null;
  };
  const open: Account[] = [];
  for (const account of accounts) if (await isOpen(account)) open.push(account);
  return open;
}

const auditSession = (
  app: App,
  account: Account,
  action: AuditAction,
  { ip }: SigningBrowser,
): Promise<void> =>
  audit(app.db, account.tenantId, { userId: account.id, name: account.email, ip }, { action });
