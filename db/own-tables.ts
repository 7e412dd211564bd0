import { getTableName, is } from "drizzle-orm";
import { PgTable } from "drizzle-orm/pg-core";

import * as schema from "./schema";

/** The tables in the schema `public`. Other schemas are not ours. */
export const ownTables = Object.values(schema).flatMap((value: unknown) =>
  is(value, PgTable) ? [value] : [],
);

/** The names of `ownTables`. */
export const ownTableNames = ownTables.map(getTableName);
