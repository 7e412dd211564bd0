import { and, desc, eq, gt, lt, ne } from "drizzle-orm";

import type { Db, TenantDb } from "../../client";
import { sessions, tenants, users } from "../../schema";
import { overridesOfTenant } from "../operations/feature-flags";

export type NewSession = typeof sessions.$inferInsert;

/**
 * The person of a session that has not ended, otherwise null. Takes no tenant, because a request's tenant follows from
 * its session.
 */
export async function findLiveSession(db: Db, id: string, now: Date) {
  const [row] = await db
    .select({
      session: { id: sessions.id, createdAt: sessions.createdAt, lastSeenAt: sessions.lastSeenAt },
      user: { id: users.id, email: users.email, name: users.name, role: users.role },
      tenant: { id: tenants.id, slug: tenants.slug, name: tenants.name },
      flagOverrides: overridesOfTenant,
      disabledAt: users.disabledAt,
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .innerJoin(tenants, eq(tenants.id, sessions.tenantId))
    .where(and(eq(sessions.id, id), gt(sessions.expiresAt, now)));
  return row === undefined || row.disabledAt !== null ? null : row;
}

/** Stores a new session. */
export async function insertSession(db: Db, session: NewSession): Promise<void> {
  await db.insert(sessions).values(session);
}

/** Records a use of the session, and extends it to `expiresAt`. */
export async function touchSession(db: Db, id: string, seen: { at: Date; expiresAt: Date }): Promise<void> {
  await db
    .update(sessions)
    .set({ lastSeenAt: seen.at, expiresAt: seen.expiresAt })
    .where(eq(sessions.id, id));
}

/** Ends a session. */
export async function deleteSession(db: Db, id: string): Promise<void> {
  await db.delete(sessions).where(eq(sessions.id, id));
}

/** Deletes the sessions of all tenants that expired before `now`. */
export async function deleteExpiredSessions(db: Db, now: Date): Promise<void> {
  await db.delete(sessions).where(lt(sessions.expiresAt, now));
}

/** The person's sessions that have not expired. */
export async function listSessionsOfUser(tx: TenantDb, tenantId: string, userId: string, now: Date) {
  return tx
    .select({
      id: sessions.id,
      createdAt: sessions.createdAt,
      lastSeenAt: sessions.lastSeenAt,
      ip: sessions.ip,
      userAgent: sessions.userAgent,
    })
    .from(sessions)
    .where(and(eq(sessions.tenantId, tenantId), eq(sessions.userId, userId), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.lastSeenAt));
}

/** Ends one session of the user. Returns whether there was one. */
export async function deleteSessionOfUser(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  id: string,
): Promise<boolean> {
  const rows = await tx
    .delete(sessions)
    .where(and(eq(sessions.tenantId, tenantId), eq(sessions.userId, userId), eq(sessions.id, id)))
    .returning({ id: sessions.id });
  return rows.length > 0;
}

/** Ends every session of the user but `exceptId`. Returns how many. */
export async function deleteOtherSessions(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  exceptId: string | null,
): Promise<number> {
  const rows = await tx
    .delete(sessions)
    .where(
      and(
        eq(sessions.tenantId, tenantId),
        eq(sessions.userId, userId),
        exceptId === null ? undefined : ne(sessions.id, exceptId),
      ),
    )
    .returning({ id: sessions.id });
  return rows.length;
}
