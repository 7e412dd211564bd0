import type { SeenHeld } from "@db/queries/review/held";
import { isId } from "~/auth/guard.server";

/** The most rows of a form: those of one page. */
const MAX_ROWS = 200;

/** The selection in a form that decides several rows. */
export type ChosenRows<Row> =
  | { state: "rows"; rows: Row[] }
  /** Everything that matches the filters in the address, with the fingerprint of what was shown. */
  | { state: "all"; mark: string }
  | { state: "nothing" }
  /** The form is invalid. */
  | { state: "odd" };

/**
 * Reads the selection from a form's `row`, `all` and `mark`.
 * @param read parses a row; undefined if it is invalid
 */
export function chosenRows<Row>(
  form: FormData,
  read: (value: FormDataEntryValue) => Row | undefined,
): ChosenRows<Row> {
  if (form.get("all") === "on") {
    const mark = form.get("mark");
    return isMark(mark) ? { state: "all", mark } : { state: "odd" };
  }
  const values = new Set(form.getAll("row"));
  if (values.size > MAX_ROWS) return { state: "odd" };
  const rows = [...values].flatMap((value) => read(value) ?? []);
  if (rows.length !== values.size) return { state: "odd" };
  return rows.length === 0 ? { state: "nothing" } : { state: "rows", rows };
}

/** Parses a row that is an id; undefined if it is not. */
export const idRow = (value: FormDataEntryValue): string | undefined => (isId(value) ? value : undefined);

/** A held change with the fingerprint of its shown state. */
export function heldRow(value: FormDataEntryValue): SeenHeld | undefined {
  const [id, mark, ...rest] = typeof value === "string" ? value.split(".") : [];
  return isId(id) && isMark(mark) && rest.length === 0 ? { id, mark } : undefined;
}

const isMark = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
