import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

import { sortedBy } from "../../schema/shared";

/**
 * What rows are sorted by that a person finds by name: "Acme 2" before "Acme 10", whatever the case and the accents of
 * the letters, in the same order on every database. Names that are equal by it need an id behind it.
 */
export const byName = (name: SQLWrapper): SQL => sortedBy(name);

/** The same for a client, by its stored key: `c.name_key`. */
export const byClient = (nameKey: SQLWrapper = sql`c.name_key`): SQL => sql`${nameKey} collate "C"`;
