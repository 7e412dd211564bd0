/** Who does something, for the audit log. `userId` is null where it is no person: the command line, a schedule. */
export interface Actor {
  userId: string | null;
  name: string;
  ip: string | null;
}

/** The signed-in person of a request as an actor. */
export const actorOf = ({ user, ip }: { user: { id: string; email: string }; ip: string | null }): Actor => ({
  userId: user.id,
  name: user.email,
  ip,
});

/** An actor as an entry of the audit log names it. */
export const by = (actor: Actor) => ({ actorUserId: actor.userId, actor: actor.name, ip: actor.ip });
