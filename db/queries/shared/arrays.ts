import { sql, type SQL } from "drizzle-orm";

/** Any number of values as one parameter, so that the statement stays the same. */
export const textArray = (values: readonly string[]): SQL =>
  sql`(array(select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb)))`;

/** The same, of ids. */
export const uuidArray = (ids: readonly string[]): SQL =>
  sql`(array(select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)::uuid))`;
