import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

/** Escapes text for a LIKE pattern. */
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** Whether a text contains another, ignoring case and Unicode form, in any locale. */
export const contains = (value: SQLWrapper, text: string): SQL =>
  sql`fold_text(${value}) like (select fold_text(${`%${escapeLike(text)}%`}))`;

/** Whether two texts are the same name. The unique index `clients_active_name_key` compares in the same way. */
export const sameName = (one: SQLWrapper, other: SQLWrapper): SQL =>
  sql`fold_text(${one}) = fold_text(${other})`;

/** Whether a folded text contains another text, ignoring the case and Unicode form of the latter. */
export const hasFolded = (folded: SQLWrapper, text: string): SQL =>
  // Takes a third of LIKE's time, because strpos skips ahead by the length of the text.
  sql`strpos(${folded}, (select fold_text(${text}))) > 0`;
