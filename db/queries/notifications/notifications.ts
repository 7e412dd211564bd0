import { and, desc, eq, sql } from "drizzle-orm";

import { MAX_ATTEMPTS, UNRECORDED } from "@domain/back-off";
import type { NoticeChoice } from "@domain/notice-choice";
import type { NoticeKind } from "@domain/notice-kinds";

import { queryRows, type Db, type TenantDb } from "../../client";
import { notifications, rmmIntegrations, tenants } from "../../schema";

export interface NotificationWrite {
  /** Null if the e-mail is not about a connection. */
  connectionId: string | null;
  /** The path within the app that its link leads to; absent for its connection's page. */
  path?: string;
  kind: NoticeKind;
  /** The person it goes to; absent for addresses that belong to no person. */
  userId?: string;
  recipients: string[];
  subject: string;
  body: string;
  /** When it becomes part of a joint e-mail; absent if it goes out at once. */
  waitsUntil?: Date;
}

/** Writes e-mails to the outbox. Call it in the transaction that makes their content true. */
export async function insertNotifications(
  tx: TenantDb,
  tenantId: string,
  rows: NotificationWrite[],
  now: Date,
): Promise<void> {
  if (rows.length === 0) return;
  await tx.insert(notifications).values(
    rows.map(({ waitsUntil, ...row }) => ({
      ...row,
      tenantId,
      status: waitsUntil === undefined ? ("pending" as const) : ("waiting" as const),
      nextAttemptAt: waitsUntil ?? now,
      createdAt: now,
    })),
  );
}

interface PersonToTell {
  userId: string;
  email: string;
  isAdmin: boolean;
  /** Null if the person never chose. */
  choice: NoticeChoice | null;
}

export interface Audience {
  timeZone: string;
  /** The recipients that the tenant set. */
  emails: string[];
  /** Everybody who can sign in. */
  people: PersonToTell[];
}

/** The people and addresses that notices may go to; two statements. */
export async function readAudience(tx: TenantDb, tenantId: string): Promise<Audience> {
  const [tenant] = await tx
    .select({ timeZone: tenants.timeZone, emails: tenants.notifyEmails })
    .from(tenants)
    .where(eq(tenants.id, tenantId));
  const people = await queryRows<PersonToTell>(
    tx,
    sql`select id as "userId", email, role = 'admin' as "isAdmin", notice_choice as choice from users
        where tenant_id = ${tenantId} and password_hash is not null and disabled_at is null order by id`,
  );
  return { timeZone: tenant?.timeZone ?? "UTC", emails: tenant?.emails ?? [], people };
}

/** The recipients that the tenant set, locked until the transaction ends; empty means its administrators. */
export async function lockNotifyEmails(tx: TenantDb, tenantId: string): Promise<string[]> {
  const [row] = await tx
    .select({ emails: tenants.notifyEmails })
    .from(tenants)
    .where(eq(tenants.id, tenantId))
    .for("no key update");
  return row?.emails ?? [];
}

/** Stores the tenant's recipients; an empty list means its administrators. */
export async function setNotifyEmails(tx: TenantDb, tenantId: string, emails: string[]): Promise<void> {
  await tx.update(tenants).set({ notifyEmails: emails }).where(eq(tenants.id, tenantId));
}

export interface ClaimedNotification {
  id: string;
  tenantId: string;
  connectionId: string | null;
  path: string | null;
  userId: string | null;
  /** The number of attempts, including this one. */
  attempts: number;
  recipients: string[];
  subject: string;
  body: string;
}

/**
 * Claims due e-mails of all tenants, longest overdue first, at most `limit`, and counts the attempt. A claim lasts
 * until `until`; if the sender's process ends, the e-mail is due again then. An e-mail without an outcome after its
 * last attempt becomes dead.
 */
export async function claimNotifications(
  db: Db,
  now: Date,
  until: Date,
  limit: number,
): Promise<ClaimedNotification[]> {
  return queryRows<ClaimedNotification>(
    db,
    sql`with due as (
          select id from notifications
          where status = 'pending' and next_attempt_at <= ${now.toISOString()}
          order by next_attempt_at limit ${limit} for update skip locked
        ),
        given_up as (
          update notifications n set status = 'dead', last_error = ${UNRECORDED}
          from due where n.id = due.id and n.attempts >= ${MAX_ATTEMPTS}
        )
        update notifications n set attempts = n.attempts + 1, next_attempt_at = ${until.toISOString()}
        from due where n.id = due.id and n.attempts < ${MAX_ATTEMPTS}
        returning n.id, n.tenant_id as "tenantId", n.integration_id as "connectionId", n.path, n.user_id as "userId", n.attempts,
          n.recipients, n.subject, n.body`,
  );
}

export interface NotificationResult {
  status: "pending" | "sent" | "dead";
  nextAttemptAt: Date;
  error: string | null;
}

/** Records the outcome of an attempt. Does nothing if the claim expired and another attempt has begun. */
export async function recordNotificationAttempt(
  tx: TenantDb,
  { id, tenantId, attempts }: Pick<ClaimedNotification, "id" | "tenantId" | "attempts">,
  result: NotificationResult,
  now: Date,
): Promise<void> {
  await tx
    .update(notifications)
    .set({
      status: result.status,
      nextAttemptAt: result.nextAttemptAt,
      lastError: result.error,
      sentAt: result.status === "sent" ? now : null,
    })
    .where(
      and(
        eq(notifications.tenantId, tenantId),
        eq(notifications.id, id),
        eq(notifications.status, "pending"),
        eq(notifications.attempts, attempts),
      ),
    );
}

/** Makes a dead e-mail due again with a full set of attempts. Returns false if there is no such dead e-mail. */
export async function requeueNotification(
  tx: TenantDb,
  tenantId: string,
  id: string,
  now: Date,
): Promise<boolean> {
  const rows = await tx
    .update(notifications)
    .set({ status: "pending", attempts: 0, nextAttemptAt: now })
    .where(
      and(eq(notifications.tenantId, tenantId), eq(notifications.id, id), eq(notifications.status, "dead")),
    )
    .returning({ id: notifications.id });
  return rows.length > 0;
}

/** The latest e-mails, newest first, at most `limit`. */
export async function listNotifications(tx: TenantDb, tenantId: string, limit: number) {
  return tx
    .select({
      id: notifications.id,
      kind: notifications.kind,
      connectionId: notifications.connectionId,
      path: notifications.path,
      connection: rmmIntegrations.label,
      recipients: notifications.recipients,
      subject: notifications.subject,
      status: notifications.status,
      attempts: notifications.attempts,
      nextAttemptAt: notifications.nextAttemptAt,
      lastError: notifications.lastError,
      sentAt: notifications.sentAt,
      createdAt: notifications.createdAt,
    })
    .from(notifications)
    .leftJoin(rmmIntegrations, eq(rmmIntegrations.id, notifications.connectionId))
    .where(eq(notifications.tenantId, tenantId))
    .orderBy(desc(notifications.id))
    .limit(limit);
}

/**
 * Deletes e-mails that were sent or given up and were written before an instant, of all tenants, at most `limit`.
 * Returns how many.
 */
export async function pruneNotifications(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ pruned: number }>(
    db,
    sql`with old as (
          select id from notifications
          where status in ('sent', 'dead') and created_at < ${before.toISOString()} order by id
          limit ${limit} offset ${skip}
        ),
        gone as (delete from notifications where id in (select id from old))
        select count(*)::int as pruned from old`,
  );
  return row?.pruned ?? 0;
}
