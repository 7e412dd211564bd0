import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";

import * as schema from "./schema";

/** The tables of the schema public; other schemas are not ours. */
export const ownTables = Object.values(schema).flatMap((value: unknown) =>
  is(value, PgTable) ? [value] : [],
);

export const ownTableNames = ownTables.map(getTableName);
