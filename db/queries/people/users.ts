import { and, asc, eq, gt, inArray, isNotNull, isNull, lt, or, sql } from "drizzle-orm";

import type { Role } from "@domain/permissions";

import { queryRows, type Db, type TenantDb } from "../../client";
import { tenants, users } from "../../schema";
import { byName } from "../shared/by-name";

export type NewUser = typeof users.$inferInsert;

/** The form in which e-mail addresses compare: without blanks around them, in lower case. */
export const normalEmail = (email: string): string => email.trim().toLowerCase();

/** Whether nobody has an account yet. Then the first-run link is valid. */
export async function isEmptyInstallation(db: Db): Promise<boolean> {
  const [row] = await queryRows<{ empty: boolean }>(
    db,
    sql`select not exists (select 1 from users) as empty`,
  );
  return row?.empty === true;
}

/** An account with which somebody may sign in. */
export type Account = Awaited<ReturnType<typeof findAccountsByEmail>>[number];

const selectAccounts = (db: Db) =>
  db
    .select({
      id: users.id,
      tenantId: users.tenantId,
      email: users.email,
      passwordHash: users.passwordHash,
      signInUnlockedAt: users.signInUnlockedAt,
      company: tenants.name,
    })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId));

const isUsable = and(isNotNull(users.passwordHash), isNull(users.disabledAt));

/**
 * The accounts of an e-mail address in all tenants, ordered by company, because a person who signs in has not named a
 * tenant.
 */
export async function findAccountsByEmail(db: Db, email: string) {
  return selectAccounts(db)
    .where(and(sql`lower(${users.email}) = ${normalEmail(email)}`, isUsable))
    .orderBy(byName(tenants.name), asc(users.id));
}

/** The account with this id if it can sign in; otherwise null. */
export async function findAccount(db: Db, userId: string): Promise<Account | null> {
  const [row] = await selectAccounts(db).where(and(eq(users.id, userId), isUsable));
  return row ?? null;
}

/**
 * Marks all accounts of an e-mail address as locked until `until`, in all tenants, except those already locked. Wrong
 * passwords are counted for the address. Returns the accounts, each with the end of its previous lock.
 */
export async function noteSignInLock(
  db: Db,
  email: string,
  { now, until }: { now: Date; until: Date },
): Promise<{ id: string; tenantId: string; before: Date | null }[]> {
  return db.transaction(async (tx) => {
    const rows = await tx
      .select({ id: users.id, tenantId: users.tenantId, before: users.signInLockedUntil })
      .from(users)
      .where(
        and(
          sql`lower(${users.email}) = ${normalEmail(email)}`,
          isUsable,
          or(isNull(users.signInLockedUntil), lt(users.signInLockedUntil, now)),
        ),
      )
      .orderBy(asc(users.id))
      .for("update");
    if (rows.length === 0) return rows;
    const ids = rows.map((row) => row.id);
    await tx.update(users).set({ signInLockedUntil: until }).where(inArray(users.id, ids));
    return rows;
  });
}

/** Unlocks an account that too many wrong passwords had locked, as of `at`. */
export async function setSignInUnlocked(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  at: Date,
): Promise<void> {
  await tx
    .update(users)
    .set({ signInUnlockedAt: at, signInLockedUntil: at })
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
}

/** The person who was invited by a link that is still valid, with the company that invites; null if there is none. */
export async function findInvitation(db: Db, inviteTokenHash: string, now: Date) {
  const [row] = await db
    .select({
      userId: users.id,
      tenantId: users.tenantId,
      email: users.email,
      name: users.name,
      role: users.role,
      company: tenants.name,
    })
    .from(users)
    .innerJoin(tenants, eq(tenants.id, users.tenantId))
    .where(
      and(
        eq(users.inviteTokenHash, inviteTokenHash),
        gt(users.inviteExpiresAt, now),
        isNull(users.disabledAt),
      ),
    );
  return row ?? null;
}

/** The tenant that was created first; null if there is none. */
export async function findOldestTenant(db: Db): Promise<{ id: string } | null> {
  const [row] = await db
    .select({ id: tenants.id })
    .from(tenants)
    .orderBy(asc(tenants.createdAt), asc(tenants.id))
    .limit(1);
  return row ?? null;
}

/** Inserts a tenant. Returns its id. */
export async function insertTenant(db: Db, tenant: { slug: string; name: string }): Promise<{ id: string }> {
  const [row] = await db.insert(tenants).values(tenant).returning({ id: tenants.id });
  return row!;
}

/** Inserts a person. Returns null if somebody in this tenant already has the e-mail address. */
export async function insertUser(db: Db, user: NewUser): Promise<{ id: string } | null> {
  const [row] = await db.insert(users).values(user).onConflictDoNothing().returning({ id: users.id });
  return row ?? null;
}

/** Stores a password's hash, and invalidates the link that led to setting it. */
export async function setPassword(
  db: Db,
  tenantId: string,
  userId: string,
  passwordHash: string,
): Promise<void> {
  await db
    .update(users)
    .set({ passwordHash, inviteTokenHash: null, inviteExpiresAt: null })
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
}

/** Accepts an invitation. Returns false if another request was faster, or the invitation was renewed meanwhile. */
export async function acceptInvitation(
  db: Db,
  invitation: { tenantId: string; userId: string; tokenHash: string },
  set: { name: string; passwordHash: string },
): Promise<boolean> {
  const rows = await db
    .update(users)
    .set({ ...set, inviteTokenHash: null, inviteExpiresAt: null })
    .where(
      and(
        eq(users.tenantId, invitation.tenantId),
        eq(users.id, invitation.userId),
        eq(users.inviteTokenHash, invitation.tokenHash),
      ),
    )
    .returning({ id: users.id });
  return rows.length > 0;
}

/** Records that a person signed in. */
export async function markSignedIn(db: Db, tenantId: string, userId: string, at: Date): Promise<void> {
  await db
    .update(users)
    .set({ lastSignInAt: at })
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
}

/** The hash of a person's password; null if there is no such person or no password. */
export async function findPasswordHash(
  tx: TenantDb,
  tenantId: string,
  userId: string,
): Promise<string | null> {
  const [row] = await tx
    .select({ passwordHash: users.passwordHash })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
  return row?.passwordHash ?? null;
}

/** The people of a tenant, ordered by name. */
export async function listPeople(tx: TenantDb, tenantId: string) {
  return tx
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      role: users.role,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`,
      inviteExpiresAt: users.inviteExpiresAt,
      lastSignInAt: users.lastSignInAt,
      signInLockedUntil: users.signInLockedUntil,
      createdAt: users.createdAt,
    })
    .from(users)
    .where(eq(users.tenantId, tenantId))
    .orderBy(byName(users.name), asc(users.id));
}

/** The tenant's person with this id, or null. */
export async function findPerson(tx: TenantDb, tenantId: string, userId: string) {
  const [row] = await tx
    .select({ id: users.id, email: users.email, name: users.name, role: users.role })
    .from(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
  return row ?? null;
}

/**
 * The ids of the administrators who can sign in, locked until the transaction ends. If two administrators remove each
 * other at the same moment, the second transaction then sees that only one is left.
 */
export async function lockAdministrators(tx: TenantDb, tenantId: string): Promise<string[]> {
  const rows = await tx
    .select({ id: users.id })
    .from(users)
    .where(
      and(
        eq(users.tenantId, tenantId),
        eq(users.role, "admin"),
        isNotNull(users.passwordHash),
        isNull(users.disabledAt),
      ),
    )
    .orderBy(asc(users.id))
    .for("update");
  return rows.map((row) => row.id);
}

/** Sets a person's role; does nothing if the tenant has no such person. */
export async function setRole(tx: TenantDb, tenantId: string, userId: string, role: Role): Promise<void> {
  await tx
    .update(users)
    .set({ role })
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)));
}

/**
 * Stores the hash and the expiry of a link that sets a password.
 * @returns false if the tenant has no such person
 */
export async function setInvitation(
  tx: TenantDb,
  tenantId: string,
  userId: string,
  invitation: { inviteTokenHash: string; inviteExpiresAt: Date },
): Promise<boolean> {
  const rows = await tx
    .update(users)
    .set(invitation)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)))
    .returning({ id: users.id });
  return rows.length > 0;
}

/**
 * Deletes a person with their sessions. The audit log keeps their actions under their name. Returns false if the tenant
 * has no such person.
 */
export async function deletePerson(tx: TenantDb, tenantId: string, userId: string): Promise<boolean> {
  const rows = await tx
    .delete(users)
    .where(and(eq(users.tenantId, tenantId), eq(users.id, userId)))
    .returning({ id: users.id });
  return rows.length > 0;
}

/** Our advisory lock's number; arbitrary. */
const FIRST_RUN_LOCK = 7_203_118_442;

/** Takes a lock until the transaction ends, so that two processes that start together create only one administrator. */
export async function lockFirstRun(db: Db): Promise<void> {
  await db.execute(sql`select pg_advisory_xact_lock(${FIRST_RUN_LOCK})`);
}
