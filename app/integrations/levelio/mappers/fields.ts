import { parseInstant } from "~/domain/instant";
import type { RecordIssue } from "~/domain/snapshots";
import { isUsableId } from "~/domain/text";

/** The outcome of a mapper. `item` is null when the record cannot be used; `issues` says what was left out and why. */
export interface Mapped<Item> {
  item: Item | null;
  issues: RecordIssue[];
}

/** Postgres `integer`. */
export const maxInteger = 2_147_483_647;

/** Reads the values of one record that need more than a type, and notes each one that had to be left out. */
export class FieldReader {
  readonly #issues: RecordIssue[];
  readonly #externalId: string;
  readonly #name: string;

  constructor(issues: RecordIssue[], externalId: string, name: string) {
    this.#issues = issues;
    this.#externalId = externalId;
    this.#name = name;
  }

  /** A whole number of 0 … `max`, rounded; null when absent or outside. */
  whole(field: string, value: number | null | undefined, max: number = maxInteger): number | null {
    if (value === null || value === undefined) return null;
    const whole = Math.round(value);
    if (whole >= 0 && whole <= max) return whole;
    return this.leaveOut(field, whole < 0 ? "below zero" : "larger than any such value can be");
  }

  instant(field: string, value: string | null | undefined): Date | null {
    if (value === null || value === undefined || value.trim() === "") return null;
    return parseInstant(value) ?? this.leaveOut(field, "not a date");
  }

  /** The id of another record: null when there is none, undefined when the record does not say, or not so as to be used. */
  reference(field: string, id: string | null | undefined): string | null | undefined {
    if (id === null || id === "") return null;
    if (id === undefined || isUsableId(id)) return id;
    this.leaveOut(field, "not usable as an id");
    return undefined;
  }

  leaveOut(field: string, reason: string): null {
    const record = { externalId: this.#externalId, name: this.#name };
    this.#issues.push({ severity: "field", ...record, field, reason });
    return null;
  }
}
