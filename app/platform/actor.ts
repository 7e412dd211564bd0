import type { Actor } from "@domain/actor";

/** The signed-in person of a request as an actor. */
export const actorOf = ({ user, ip }: { user: { id: string; email: string }; ip: string | null }): Actor => ({
  userId: user.id,
  name: user.email,
  ip,
});
