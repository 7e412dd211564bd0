import type { SeenHeld } from "@db/queries/review/held";
import { isId } from "~/auth/guard.server";

/** The most rows of a form: one page. */
const MAX_ROWS = 200;

/** The selection of a list with bulk decisions. */
export type ChosenRows<Row> =
  | { state: "rows"; rows: Row[] }
  /** Everything that matches the URL's filters, as it was shown. */
  | { state: "all"; mark: string }
  | { state: "nothing" }
  /** Not a valid form. */
  | { state: "odd" };

/** Reads `row`, `all` and `mark` of a bulk form, each row by `read`. */
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

/** Parses a row that is an id; undefined if it is not one. */
export const idRow = (value: FormDataEntryValue): string | undefined => (isId(value) ? value : undefined);

/** A held change with the fingerprint of its shown state. */
export function heldRow(value: FormDataEntryValue): SeenHeld | undefined {
  const [id, mark, ...rest] = typeof value === "string" ? value.split(".") : [];
  return isId(id) && isMark(mark) && rest.length === 0 ? { id, mark } : undefined;
}

const isMark = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
