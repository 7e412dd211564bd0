import { DAY_MS } from "@domain/durations";
import { parseInstant } from "@domain/instant";
import type { RecordIssue } from "@domain/snapshots";
import { cleanText, isUsableId, storableText } from "@domain/text";

/** The result of a mapper. `item` is null if the record cannot be used; `issues` say what was left out and why. */
export interface Mapped<Item> {
  item: Item | null;
  issues: RecordIssue[];
}

/** The largest value of Postgres's `integer`. */
export const maxInteger = 2_147_483_647;

const firstCredible = Date.UTC(2000, 0, 1);
/** Milliseconds by which clocks and time zones of machines may differ: a day. */
const clockSlackMs = DAY_MS;

/** Reads values of a record that need more than a type check. Notes each value that it leaves out. */
export class FieldReader {
  readonly #issues: RecordIssue[];
  readonly #externalId: string;
  readonly #name: string;

  constructor(issues: RecordIssue[], externalId: string, name: string) {
    this.#issues = issues;
    this.#externalId = externalId;
    this.#name = name;
  }

  /** An integer of 0 … `max`, rounded; null if absent or outside that range. */
  whole(field: string, value: number | null | undefined, max: number = maxInteger): number | null {
    if (value === null || value === undefined) return null;
    const whole = Math.round(value);
    if (value >= 0 && whole <= max) return whole;
    return this.leaveOut(field, value < 0 ? "below zero" : "larger than any such value can be");
  }

  instant(field: string, value: string | null | undefined): Date | null {
    if (value === null || value === undefined || value.trim() === "") return null;
    return parseInstant(value) ?? this.leaveOut(field, "not a date");
  }

  /** A plausible time from a machine: neither of a clock that was never set, nor far in the future. Otherwise null. */
  past(field: string, value: string | null | undefined, observedAt?: Date): Date | null {
    const instant = this.instant(field, value);
    if (instant === null) return null;
    if (instant.getTime() < firstCredible) return this.leaveOut(field, "long before any such machine");
    const isAhead = observedAt !== undefined && instant.getTime() > observedAt.getTime() + clockSlackMs;
    return isAhead ? this.leaveOut(field, "in the future") : instant;
  }

  /** Text of at most `maxLength` characters. Cuts longer text, and notes it. */
  text(field: string, value: string | null | undefined, maxLength: number): string | null {
    const text = cleanText(value, maxLength);
    if (text !== null && storableText(value!).trim().length > maxLength)
      this.leaveOut(field, `longer than ${maxLength} characters: the rest is left out`);
    return text;
  }

  /** The id of another record: null if there is none, undefined if the record's value is not usable. */
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
