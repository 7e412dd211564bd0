import type { SQL, SQLWrapper } from "drizzle-orm";

import { sortedBy } from "../../schema/shared";

/**
 * What rows are sorted by that a person finds by name: "Acme 2" before "Acme 10", whatever the case and the accents of
 * the letters, in the same order on every database. Names that are equal by it need an id behind it.
 */
export const byName = (name: SQLWrapper): SQL => sortedBy(name);
