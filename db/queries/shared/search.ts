import { sql, type SQL, type SQLWrapper } from "drizzle-orm";

/** Makes text safe inside a LIKE pattern. */
const escapeLike = (text: string): string => text.replace(/[\\%_]/g, "\\$&");

/** Whether a text has another in it, whatever the case and the Unicode form of either, on any locale. */
export const contains = (value: SQLWrapper, text: string): SQL =>
  sql`fold_text(${value}) like (select fold_text(${`%${escapeLike(text)}%`}))`;

/** Whether two texts are one name: `clients_active_name_key` is over the same. */
export const sameName = (one: SQLWrapper, other: SQLWrapper): SQL =>
  sql`fold_text(${one}) = fold_text(${other})`;

/** Whether a folded text has another in it, whatever the case and the Unicode form of that. */
export const hasFolded = (folded: SQLWrapper, text: string): SQL =>
  // Takes a third of what LIKE takes: it skips ahead by the length of what it looks for.
  sql`strpos(${folded}, (select fold_text(${text}))) > 0`;
