import { withTenant } from "@db/client";
import { audit, findLastAudit } from "@db/queries/audit/audit";
import { deleteOtherSessions } from "@db/queries/people/sessions";
import {
  acceptInvitation,
  deletePerson,
  findInvitation,
  findPasswordHash,
  findPerson,
  insertUser,
  lockAdministrators,
  normalEmail,
  setInvitation,
  setPassword,
  setRole,
  setSignInUnlocked,
} from "@db/queries/people/users";
import { personValues } from "@domain/form-values";
import type { Role } from "@domain/permissions";
import { overwritten, type Stale } from "@domain/shown-version";
import type { Context } from "~/auth/guard.server";
import { hashPassword, verifyPassword } from "~/auth/password.server";
import { throttleOf } from "~/auth/throttle.server";
import { newToken, tokenHash } from "~/auth/tokens.server";
import type { App } from "~/platform/app.server";

/** Milliseconds for which an invitation or a password link is valid. */
const INVITATION_MS = 7 * 24 * 3600 * 1000;

/** The parts of the request that changes of people need. */
type Acting = Pick<Context, "app" | "tenantId" | "user" | "session" | "inTenant" | "audit">;

/** A new invitation link, shown once to the person who requested it; the database stores only its token's hash. */
function newInvitation(app: App) {
  const token = newToken();
  return {
    url: `${app.config.publicUrl}/invite/${token}`,
    row: {
      inviteTokenHash: tokenHash(token),
      inviteExpiresAt: new Date(app.clock().getTime() + INVITATION_MS),
    },
  };
}

export type InviteOutcome = { state: "invited"; url: string } | { state: "email_taken" };

/** Creates a person who can sign in after following the link. */
export async function invite(
  { app, tenantId, inTenant, audit }: Acting,
  person: { name: string; email: string; role: Role },
): Promise<InviteOutcome> {
  const { url, row } = newInvitation(app);
  const email = normalEmail(person.email);
  return inTenant(async (tx): Promise<InviteOutcome> => {
    const user = await insertUser(tx, { tenantId, name: person.name, email, role: person.role, ...row });
    if (user === null) return { state: "email_taken" };
    await audit(tx, {
      action: "person.invited",
      targetType: "user",
      targetId: user.id,
      details: { email, role: person.role },
    });
    return { state: "invited", url };
  });
}

/** Makes a new link for a person: the invitation again, or a password reset. Null if the person is unknown. */
export async function renewLink(
  { app, tenantId, inTenant, audit }: Acting,
  userId: string,
): Promise<string | null> {
  const { url, row } = newInvitation(app);
  return inTenant(async (tx) => {
    const person = await findPerson(tx, tenantId, userId);
    if (person === null) return null;
    await setInvitation(tx, tenantId, userId, row);
    await audit(tx, {
      action: "person.link_made",
      targetType: "user",
      targetId: userId,
      details: { email: person.email },
    });
    return url;
  });
}

/** Unlocks the sign-in of a person after too many wrong passwords. False if the person is unknown. */
export async function unlockSignIn(
  { app, tenantId, inTenant, audit }: Acting,
  userId: string,
): Promise<boolean> {
  return inTenant(async (tx) => {
    const person = await findPerson(tx, tenantId, userId);
    if (person === null) return false;
    await setSignInUnlocked(tx, tenantId, userId, app.clock());
    await audit(tx, {
      action: "person.sign_in_unlocked",
      targetType: "user",
      targetId: userId,
      details: { email: person.email },
    });
    return true;
  });
}

export type PersonOutcome = "done" | "unknown" | "last_administrator" | "yourself";

/**
 * Changes a person's role. Refuses if it is the last administrator's.
 * @param version the version of the role that the form showed; undefined accepts any
 */
export async function changeRole(
  { tenantId, inTenant, audit }: Acting,
  userId: string,
  role: Role,
  version?: string,
): Promise<PersonOutcome | Stale> {
  return inTenant(async (tx): Promise<PersonOutcome | Stale> => {
    const administrators = await lockAdministrators(tx, tenantId);
    const person = await findPerson(tx, tenantId, userId);
    if (person === null) return "unknown";
    if (person.role === role) return "done";
    const fields = overwritten(version, personValues(person), { role });
    if (fields.length > 0) {
      const actions = ["person.role_changed"];
      const last = await findLastAudit(tx, tenantId, { actions, targetId: userId });
      return { state: "stale", fields, by: last?.actor ?? null };
    }
    if (role !== "admin" && isOnly(administrators, userId)) return "last_administrator";
    await setRole(tx, tenantId, userId, role);
    await audit(tx, {
      action: "person.role_changed",
      targetType: "user",
      targetId: userId,
      details: { email: person.email, from: person.role, to: role },
    });
    return "done";
  });
}

/** Ends all sessions of another person, for example after a laptop was lost. They can sign in again. */
export async function endSessionsOf(
  { tenantId, user, inTenant, audit }: Acting,
  userId: string,
): Promise<{ state: "ended"; sessions: number } | { state: "unknown" | "yourself" }> {
  if (userId === user.id) return { state: "yourself" };
  return inTenant(async (tx) => {
    const person = await findPerson(tx, tenantId, userId);
    if (person === null) return { state: "unknown" };
    const sessions = await deleteOtherSessions(tx, tenantId, userId, null);
    if (sessions > 0) {
      await audit(tx, {
        action: "person.signed_out",
        targetType: "user",
        targetId: userId,
        details: { email: person.email, sessions },
      });
    }
    return { state: "ended", sessions };
  });
}

/** Removes a person, whose sessions and tokens end. Nobody removes themselves or the last administrator. */
export async function removePerson(
  { tenantId, user, inTenant, audit }: Acting,
  userId: string,
): Promise<PersonOutcome> {
  if (userId === user.id) return "yourself";
  return inTenant(async (tx): Promise<PersonOutcome> => {
    const administrators = await lockAdministrators(tx, tenantId);
    const person = await findPerson(tx, tenantId, userId);
    if (person === null) return "unknown";
    if (isOnly(administrators, userId)) return "last_administrator";
    await deletePerson(tx, tenantId, userId);
    await audit(tx, {
      action: "person.removed",
      targetType: "user",
      targetId: userId,
      details: { email: person.email, role: person.role },
    });
    return "done";
  });
}

/** Without an administrator nobody could grant access again. */
const isOnly = (administrators: string[], userId: string): boolean =>
  administrators.length === 1 && administrators[0] === userId;

export type PasswordOutcome =
  { state: "changed" } | { state: "wrong_password" } | { state: "throttled"; retryAfterS: number };

/**
 * Changes one's own password and ends one's other sessions. Wrong passwords count as at sign-in, so that nobody can
 * guess them from an open session.
 */
export async function changePassword(
  { app, tenantId, user, session, inTenant, audit }: Acting,
  change: { current: string; password: string },
): Promise<PasswordOutcome> {
  const throttle = throttleOf(app);
  // Counted apart from sign-in attempts, so that others cannot use up the attempts of a signed-in person.
  const way = `session ${user.id}`;
  const retryAfterS = await throttle.attemptApart(way);
  if (retryAfterS !== null) return { state: "throttled", retryAfterS };
  const stored = await inTenant((tx) => findPasswordHash(tx, tenantId, user.id));
  // Hashing is slow, so it happens outside the transaction.
  if (!(await verifyPassword(stored, change.current))) return { state: "wrong_password" };
  await throttle.succeededApart(way);
  const passwordHash = await hashPassword(change.password);
  await inTenant(async (tx) => {
    await setPassword(tx, tenantId, user.id, passwordHash);
    const ended = await deleteOtherSessions(tx, tenantId, user.id, session.id);
    await audit(tx, { action: "password.changed", details: { sessionsEnded: ended } });
  });
  return { state: "changed" };
}

/** Sets the password of an invited person. Null if the link is used or expired. */
export async function accept(
  app: App,
  token: string,
  set: { name: string; password: string },
  ip: string | null,
): Promise<{ id: string; tenantId: string } | null> {
  const invitation = await findInvitation(app.db, tokenHash(token), app.clock());
  if (invitation === null) return null;
  const { tenantId, userId } = invitation;
  const passwordHash = await hashPassword(set.password);
  return withTenant(app.db, tenantId, async (tx) => {
    const used = { tenantId, userId, tokenHash: tokenHash(token) };
    if (!(await acceptInvitation(tx, used, { name: set.name, passwordHash }))) return null;
    await deleteOtherSessions(tx, tenantId, userId, null);
    await audit(tx, tenantId, { userId, name: invitation.email, ip }, { action: "invitation.accepted" });
    return { id: userId, tenantId };
  });
}
