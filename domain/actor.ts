/** Who does something, for the audit log. `userId` is null where it is no person: the command line, a schedule. */
export interface Actor {
  userId: string | null;
  name: string;
  ip: string | null;
}

/** Something that is no person, by the name that the audit log shows: `schedule`. */
export const systemActor = (name: string): Actor => ({ userId: null, name, ip: null });
