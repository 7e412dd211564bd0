import { withTenant, type Db } from "@db/client";
import { listPeople } from "@db/queries/people/users";
import { personValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";

export type Person = Awaited<ReturnType<typeof readPeople>>[number];

/** Everybody with an account or an invitation, by name. */
export const readPeople = (db: Db, tenantId: string, now: Date) =>
  withTenant(db, tenantId, async (tx) =>
    (await listPeople(tx, tenantId)).map(({ signInLockedUntil, ...person }) => ({
      ...person,
      isLocked: signInLockedUntil !== null && signInLockedUntil > now,
      version: shownVersion(personValues(person)),
    })),
  );
