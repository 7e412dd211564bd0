import { deleteOtherSessions, deleteSessionOfUser, listSessionsOfUser } from "@db/queries/people/sessions";
import type { Context } from "~/auth/guard.server";

/** The sessions of the current person, last used first. Their ids are hashes, by which nobody can sign in. */
export async function listOwnSessions({ app, tenantId, user, session, inTenant }: Context) {
  const rows = await inTenant((tx) => listSessionsOfUser(tx, tenantId, user.id, app.clock()));
  return rows.map((row) => ({ ...row, isThis: row.id === session.id }));
}

/** Ends one of the person's own sessions. Does not find those of others. */
export async function endOne({ tenantId, user, inTenant, audit }: Context, sessionId: string): Promise<void> {
  await inTenant(async (tx) => {
    const ended = await deleteSessionOfUser(tx, tenantId, user.id, sessionId);
    if (ended) await audit(tx, { action: "session.revoked", details: { sessions: 1 } });
  });
}

/**
 * Ends the person's sessions except the current one.
 * @returns how many it ended
 */
export async function endAllOther({ tenantId, user, session, inTenant, audit }: Context): Promise<number> {
  return inTenant(async (tx) => {
    const ended = await deleteOtherSessions(tx, tenantId, user.id, session.id);
    if (ended > 0) await audit(tx, { action: "session.revoked", details: { sessions: ended } });
    return ended;
  });
}
