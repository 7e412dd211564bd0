import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

import { sortedBy } from "../../schema/shared";

/**
 * The sort key for names: "Acme 2" before "Acme 10", ignoring case and accents, in the same order on every database.
 * Add an id after it, because names may be equal.
 */
export const byName = (name: SQLWrapper): SQL => sortedBy(name);

/** The same for clients, from the stored key `c.name_key`. */
export const byClient = (nameKey: SQLWrapper = sql`c.name_key`): SQL => sql`${nameKey} collate "C"`;
