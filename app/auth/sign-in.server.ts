import type { App } from "~/app.server";
import { startSession } from "~/session.server";
import { recordAudit } from "@db/queries/audit";
import { findUserByEmail, markSignedIn, normalEmail } from "@db/queries/users";

import { verifyPassword } from "./password.server";
import { throttleOf } from "./throttle.server";

export type SignInOutcome =
  | { outcome: "signed-in"; cookie: string }
  /** Wrong e-mail or wrong password: which one is not told. */
  | { outcome: "wrong" }
  | { outcome: "throttled"; retryAfterS: number };

/** Checks an e-mail and a password, and starts a session. */
export async function signIn(
  app: App,
  given: { email: string; password: string },
  browser: { ip: string | null; userAgent: string | null },
): Promise<SignInOutcome> {
  const email = normalEmail(given.email);
  const throttle = throttleOf(app);
  const retryAfterS = await throttle.attempt(email, browser.ip);
  if (retryAfterS !== null) return { outcome: "throttled", retryAfterS };

  const user = await findUserByEmail(app.db, email);
  const usable = user !== null && user.disabledAt === null;
  if (!(await verifyPassword(usable ? user.passwordHash : null, given.password)) || !usable) {
    // Not waited for: only of a known e-mail there is something to write, and the time would tell which are known.
    if (user !== null) audit("session.refused").catch(noteFailure);
    return { outcome: "wrong" };
  }
  await throttle.succeeded(email, browser.ip);
  const cookie = await startSession(app, user, browser);
  await markSignedIn(app.db, user.id, app.clock());
  await audit("session.started");
  return { outcome: "signed-in", cookie };

  function noteFailure(error: unknown): void {
    app.log.warn({ err: error }, "A refused sign-in could not be written to the audit log");
  }

  function audit(action: string): Promise<void> {
    return recordAudit(app.db, {
      tenantId: user!.tenantId,
      actorUserId: user!.id,
      actor: user!.email,
      action,
      ip: browser.ip,
    });
  }
}
