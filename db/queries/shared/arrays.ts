import { sql, type SQL } from "drizzle-orm";

/** Any number of texts as one parameter, so that the statement's text does not depend on their number. */
export const textArray = (values: readonly string[]): SQL =>
  sql`(array(select jsonb_array_elements_text(${JSON.stringify(values)}::text::jsonb)))`;

/** The same for ids. */
export const uuidArray = (ids: readonly string[]): SQL =>
  sql`(array(select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)::uuid))`;
