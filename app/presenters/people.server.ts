import { withTenant, type Db } from "@db/client";
import { listPeople } from "@db/queries/users";

export type Person = Awaited<ReturnType<typeof readPeople>>[number];

/** Everybody with an account or an invitation, by name. */
export const readPeople = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, (tx) => listPeople(tx, tenantId));
