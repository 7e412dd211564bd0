import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

import { sortedBy } from "../../schema/shared";

/**
 * The sort key for names: "Acme 2" before "Acme 10", whatever the case and the accents of the letters, in the same
 * order on every database. Equal names need an id after it.
 */
export const byName = (name: SQLWrapper): SQL => sortedBy(name);

/** The same for a client, by its stored key: `c.name_key`. */
export const byClient = (nameKey: SQLWrapper = sql`c.name_key`): SQL => sql`${nameKey} collate "C"`;
