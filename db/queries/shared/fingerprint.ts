import { sql, type SQL } from "drizzle-orm";

/**
 * The fingerprint of a list, as an aggregate over its rows. It changes if a row is added, removed or changed.
 * @param columns the columns to compare, separated by commas
 */
export const fingerprintOf = (columns: SQL, order: SQL): SQL =>
  sql`md5(coalesce(string_agg(json_build_array(${columns})::text, ' ' order by ${order}), ''))`;
