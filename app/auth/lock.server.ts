import { randomUUID } from "node:crypto";

import { audit } from "@db/queries/audit/audit";
import { noteSignInLock } from "@db/queries/people/users";
import { systemActor } from "@domain/actor";
import { letterOf } from "@domain/notification-text";
import type { App } from "~/platform/app.server";

/** Milliseconds between two e-mails about one continuing attack: a day. */
const NOTICE_INTERVAL_MS = 24 * 3600 * 1000;

/**
 * Records that somebody tried too many wrong passwords for an e-mail, and notifies its owner. The caller must not wait:
 * only a known e-mail has an owner, so the duration would reveal which are known.
 */
export function notifyOfLock(app: App, email: string, lockedForS: number): void {
  lock(app, email, lockedForS).catch((error: unknown) => {
    app.log.warn({ err: error }, "The owner of a locked sign-in could not be notified");
  });
}

async function lock(app: App, email: string, lockedForS: number): Promise<void> {
  const now = app.clock();
  const until = new Date(now.getTime() + lockedForS * 1000);
  const locked = await noteSignInLock(app.db, email, { now, until });
  for (const { id, tenantId } of locked) {
    await audit(app.db, tenantId, systemActor(email), {
      action: "person.sign_in_locked",
      targetType: "user",
      targetId: id,
      details: { email, until: until.toISOString() },
    });
  }
  const isNews = locked.some(
    ({ before }) => before === null || now.getTime() - before.getTime() > NOTICE_INTERVAL_MS,
  );
  const { mailer, publicUrl } = app.notify;
  if (!isNews || mailer === null) return;
  const outcome = await mailer.send({
    id: randomUUID(),
    to: [email],
    subject: "Plumbline: many wrong passwords were tried for your account",
    ...letterOf(
      [
        "Somebody tried many wrong passwords for your e-mail address. New browsers are refused for about a quarter of an hour at a time; nobody was let in.",
        "A browser that you have signed in with before still lets you in. Where you have none at hand, an administrator of your company can unlock your sign-in or send you a link.",
      ].join("\n\n"),
      { href: publicUrl, text: "Open Plumbline" },
      `Sent by Plumbline to the address of an account at ${publicUrl}`,
    ),
  });
  if (outcome.state === "failed")
    app.log.warn({ reason: outcome.reason }, "A lock of a sign-in could not be e-mailed");
}
