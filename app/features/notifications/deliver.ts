import { withTenant } from "@db/client";
import {
  claimNotifications,
  recordNotificationAttempt,
  type ClaimedNotification,
  type NotificationResult,
} from "@db/queries/notifications/notifications";
import { nextAttemptAt } from "@domain/back-off";
import { letterOf } from "@domain/notification-text";
import { deliverDue } from "~/platform/outbox/deliver-due";
import type { MailOutcome, NotifyDeps } from "~/platform/ports";

import { gatherDigests, hrefOf } from "./gather-digests";
import { unsubscribeUrl } from "./unsubscribe-link.server";

/** The most connections at a time, because a mail server may accept few. */
const AT_ONCE = 3;
/** Milliseconds after which the e-mails of a dead process are sent again. */
const CLAIM_MS = 3 * 60_000;

/**
 * Sends the due e-mails. Without a mail server they fail at once and are kept, to be sent again by hand, because nobody
 * wants last month's news on the day a server is configured.
 * @returns how many attempts were made
 */
export async function deliverNotifications(deps: NotifyDeps): Promise<number> {
  await gatherDigests(deps);
  return deliverDue<ClaimedNotification, Outcome>({
    clock: deps.clock,
    log: deps.log,
    claim: (now, until, limit) => claimNotifications(deps.db, now, until, limit),
    claimMs: CLAIM_MS,
    atOnce: AT_ONCE,
    attempt: (notification) => attempt(deps, notification),
    failed: (reason) => ({ state: "failed", reason, hint: "" }),
    record: (notification, outcome) => record(deps, notification, outcome),
  });
}

type Outcome = MailOutcome | { state: "no_server" };

const NO_MAIL_SERVER = "no mail server is set up (SMTP_URL, MAIL_FROM)";

async function attempt(
  { mailer, publicUrl, linkKeys }: NotifyDeps,
  notification: ClaimedNotification,
): Promise<Outcome> {
  if (mailer === null) return { state: "no_server" };
  const { id, tenantId, userId, recipients, subject, body } = notification;
  const href = hrefOf(publicUrl, notification);
  const link = { text: notification.path === null ? "Open the connection" : "Open it in Plumbline", href };
  if (userId === null)
    return mailer.send({ id, to: recipients, subject, ...letterOf(body, link, footer(publicUrl)) });
  const unsubscribe = unsubscribeUrl({ publicUrl, linkKeys }, { tenantId, userId });
  const why = `Sent by Plumbline. Choose what you are sent: ${publicUrl}/settings/account/notices. Unsubscribe: ${unsubscribe}`;
  return mailer.send({ id, to: recipients, subject, unsubscribe, ...letterOf(body, link, why) });
}

export const footer = (publicUrl: string): string =>
  `Sent by Plumbline. Change the recipients under Settings, Notifications: ${publicUrl}/settings/notifications`;

async function record(deps: NotifyDeps, notification: ClaimedNotification, outcome: Outcome): Promise<void> {
  const now = deps.clock();
  const result = judge(notification, outcome, now);
  const { id, tenantId, attempts } = notification;
  await withTenant(deps.db, tenantId, (tx) => recordNotificationAttempt(tx, notification, result, now));
  deps.meter?.notificationAttempted(result.status === "pending" ? "retried" : result.status);
  if (result.status === "dead") {
    deps.log.warn(
      { notificationId: id, tenantId, attempts, reason: result.error },
      "a notification could not be sent",
    );
  }
}

function judge({ attempts }: ClaimedNotification, outcome: Outcome, now: Date): NotificationResult {
  switch (outcome.state) {
    case "sent":
      return {
        status: "sent",
        nextAttemptAt: now,
        error: outcome.refused.length === 0 ? null : refusedText(outcome.refused),
      };
    case "no_server":
      return { status: "dead", nextAttemptAt: now, error: NO_MAIL_SERVER };
    case "failed": {
      const next = nextAttemptAt(attempts, now);
      return {
        status: next === null ? "dead" : "pending",
        nextAttemptAt: next ?? now,
        error: outcome.reason,
      };
    }
  }
}

const refusedText = (refused: string[]): string => `the mail server refused ${refused.join(", ")}`;
