import { sql, type SQL } from "drizzle-orm";

/**
 * One word for a list, as an aggregate over its rows: another as soon as a row comes, goes, or says something else.
 * @param columns what a row says, parted by commas
 */
export const fingerprintOf = (columns: SQL, order: SQL): SQL =>
  sql`md5(coalesce(string_agg(json_build_array(${columns})::text, ' ' order by ${order}), ''))`;
