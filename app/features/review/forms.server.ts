import type { SeenHeld } from "@db/queries/review/held";
import { isId } from "~/auth/guard.server";

/** More than a page cannot be ticked. */
const MAX_ROWS = 200;

/** What a person chose of a list that may be decided on in bulk. */
export type ChosenRows<Row> =
  | { state: "rows"; rows: Row[] }
  /** Everything that fits the address's filters, as it was when it was shown. */
  | { state: "all"; mark: string }
  | { state: "nothing" }
  /** No form of ours. */
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

export const idRow = (value: FormDataEntryValue): string | undefined => (isId(value) ? value : undefined);

/** A held change with the mark of what the page showed of it. */
export function heldRow(value: FormDataEntryValue): SeenHeld | undefined {
  const [id, mark, ...rest] = typeof value === "string" ? value.split(".") : [];
  return isId(id) && isMark(mark) && rest.length === 0 ? { id, mark } : undefined;
}

const isMark = (value: unknown): value is string => typeof value === "string" && /^[0-9a-f]{32}$/.test(value);
