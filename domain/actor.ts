/**
 * Who acts, for the audit log. `userId` is null for the command line, a schedule and other actors that are no person.
 */
export interface Actor {
  userId: string | null;
  name: string;
  ip: string | null;
}

/** An actor that is no person, with the name that the audit log shows: `schedule`. */
export const systemActor = (name: string): Actor => ({ userId: null, name, ip: null });
