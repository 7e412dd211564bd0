import type { AuditAction } from "@domain/audit-actions";
import { randomUUID } from "node:crypto";

import { withTenant, type TenantDb } from "@db/client";
import { findLastAudit, audit } from "@db/queries/audit/audit";
import {
  lockNotifyEmails,
  readAudience,
  requeueNotification,
  setNotifyEmails,
} from "@db/queries/notifications/notifications";
import type { Actor } from "@domain/actor";
import { recipientValues } from "@domain/form-values";
import { letterOf } from "@domain/notification-text";
import { overwritten, type Stale } from "@domain/shown-version";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { addressesOf } from "~/platform/outbox/notify";
import type { NotifyDeps } from "~/platform/ports";

import { footer } from "./deliver";

interface Request {
  tenantId: string;
  actor: Actor;
}

/**
 * Sets the recipients; an empty list means all administrators. Returns whether it changed anything.
 * @param version the values that the person saw, see `shownVersion`
 */
export async function saveRecipients(
  deps: Pick<NotifyDeps, "db">,
  { tenantId, actor, emails, version }: Request & { emails: string[]; version?: string | undefined },
): Promise<boolean | Stale> {
  return withTenant(deps.db, tenantId, async (tx) => {
    const before = await lockNotifyEmails(tx, tenantId);
    if (before.join() === emails.join()) return false;
    const fields = overwritten(version, recipientValues(before), recipientValues(emails));
    if (fields.length > 0) {
      const actions = ["notifications.recipients_changed"];
      const last = await findLastAudit(tx, tenantId, { actions, targetId: tenantId });
      return { state: "stale", fields, by: last?.actor ?? null } as const;
    }
    await setNotifyEmails(tx, tenantId, emails);
    await auditSetting(tx, { tenantId, actor }, "notifications.recipients_changed", {
      recipients: { from: before, to: emails },
    });
    return true;
  });
}

/** Sends a failed notification again, from the first attempt on. Returns whether there was one. */
export async function retryNotification(
  deps: Pick<NotifyDeps, "db" | "clock" | "nudge">,
  { tenantId, actor, id }: Request & { id: string },
): Promise<boolean> {
  return inTransaction(deps, tenantId, async (tx) => {
    if (!(await requeueNotification(tx, tenantId, id, deps.clock()))) return false;
    await auditSetting(tx, { tenantId, actor }, "notifications.retried", { notification: id });
    return true;
  });
}

export type TestMailOutcome =
  | { state: "sent"; to: string[]; refused: string[] }
  | { state: "failed"; reason: string; hint: string }
  | { state: "no_server" };

/** Sends a test e-mail to the recipients of notifications and waits for the mail server's answer. */
export async function sendTestMail(
  deps: Pick<NotifyDeps, "db" | "mailer" | "publicUrl">,
  { tenantId, actor }: Request,
): Promise<TestMailOutcome> {
  const { mailer, publicUrl } = deps;
  if (mailer === null) return { state: "no_server" };
  const to = await withTenant(deps.db, tenantId, async (tx) => addressesOf(await readAudience(tx, tenantId)));
  const body = `This is a test that ${actor.name} asked for. You will receive e-mails here when a connection fails, works again, is paused, needs a new key, or holds changes back.`;
  const link = { text: "Open Plumbline", href: publicUrl };
  const outcome = await mailer.send({
    id: randomUUID(),
    to,
    subject: "Plumbline: a test of notifications",
    ...letterOf(body, link, footer(publicUrl)),
  });
  await withTenant(deps.db, tenantId, (tx) =>
    auditSetting(tx, { tenantId, actor }, "notifications.tested", { result: outcome.state }),
  );
  return outcome.state === "sent" ? { ...outcome, to } : outcome;
}

const auditSetting = (
  tx: TenantDb,
  { tenantId, actor }: Request,
  action: AuditAction,
  details: Record<string, unknown>,
): Promise<void> => audit(tx, tenantId, actor, { action, targetType: "tenant", targetId: tenantId, details });
