import { and, eq, sql } from "drizzle-orm";

import type { NoticeChoice } from "@domain/notice-choice";

import { queryRows, type Db, type TenantDb } from "../../client";
import { notifications, users } from "../../schema";

export interface PersonRef {
  tenantId: string;
  userId: string;
}

/** The people of all tenants with notices due to go out in one e-mail; longest overdue first, at most `limit`. */
export const listDigestsDue = (db: Db, now: Date, limit: number): Promise<PersonRef[]> =>
  queryRows<PersonRef>(
    db,
    sql`select tenant_id as "tenantId", user_id as "userId" from notifications
        where status = 'waiting' and next_attempt_at <= ${now.toISOString()} and user_id is not null
        group by tenant_id, user_id order by min(next_attempt_at) limit ${limit}`,
  );

export interface WaitingNotice {
  id: string;
  connectionId: string | null;
  path: string | null;
  subject: string;
  body: string;
}

/** Removes the due notices of a person from the outbox and returns them, oldest first. A second caller gets none. */
export async function takeWaiting(
  tx: TenantDb,
  { tenantId, userId }: PersonRef,
  now: Date,
): Promise<WaitingNotice[]> {
  return queryRows<WaitingNotice>(
    tx,
    sql`with taken as (
          delete from notifications
          where tenant_id = ${tenantId} and user_id = ${userId} and status = 'waiting'
            and next_attempt_at <= ${now.toISOString()}
          returning id, integration_id, path, subject, body
        )
        select id, integration_id as "connectionId", path, subject, body from taken order by id`,
  );
}

/** Moves a person's waiting notices to another time, or, with `at` null, deletes them. */
export async function moveWaiting(
  tx: TenantDb,
  { tenantId, userId }: PersonRef,
  at: Date | null,
): Promise<void> {
  const theirs = and(
    eq(notifications.tenantId, tenantId),
    eq(notifications.userId, userId),
    eq(notifications.status, "waiting"),
  );
  if (at === null) await tx.delete(notifications).where(theirs);
  else await tx.update(notifications).set({ nextAttemptAt: at }).where(theirs);
}

/**
 * A person who can sign in, with their choice of notices, locked until the transaction ends; undefined if there is
 * none.
 */
export async function lockNoticeChoice(tx: TenantDb, { tenantId, userId }: PersonRef) {
  const [row] = await tx
    .select({ name: users.name, email: users.email, choice: users.noticeChoice })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId), sql`${users.disabledAt} is null`))
    .for("no key update");
  return row;
}

/** Stores which notices a person gets, and how often. */
export async function setNoticeChoice(
  tx: TenantDb,
  { tenantId, userId }: PersonRef,
  noticeChoice: NoticeChoice,
): Promise<void> {
  await tx
    .update(users)
    .set({ noticeChoice })
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
}
