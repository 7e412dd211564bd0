import * as z from "zod";

import type { RecordIssue } from "@domain/snapshots";
import { cleanText, isUsableId, textLimits } from "@domain/text";

/** A record of Level as far as it could be read. `record` is null if it cannot be used at all. */
export interface ReadRecord<Shape> {
  record: Shape | null;
  issues: RecordIssue[];
}

/** The most issues per record: a record with a thousand invalid elements yields a few lines. */
const maxIssuesPerRecord = 20;

/**
 * Reads one record. Tries the whole schema first (a few microseconds). If that fails, reads field by field: converts a
 * number sent as text, and leaves out and notes an invalid optional field. A record is unusable only if it is not an
 * object or lacks a required id.
 */
export function readRecord<Schema extends z.ZodObject>(
  schema: Schema,
  raw: unknown,
): ReadRecord<z.infer<Schema>> {
  const strict = schema.safeParse(raw);
  const issues: RecordIssue[] = [];
  if (strict.success && unusableId(schema, strict.data) === null) return { record: strict.data, issues };

  const name = recordName(raw);
  const externalId = recordId(raw);
  const lose = (field: string | null, reason: string): ReadRecord<z.infer<Schema>> => ({
    record: null,
    issues: [{ severity: "record", externalId, name, field, reason }],
  });
  if (!isPlainObject(raw)) return lose(null, `expected a record, got ${kindOf(raw)}`);

  const note = (field: string, reason: string): void => {
    if (issues.length < maxIssuesPerRecord)
      issues.push({ severity: "field", externalId, name, field, reason });
  };
  const salvaged = salvageObject(schema, raw, "", note) as z.infer<Schema>;
  const badId = unusableId(schema, salvaged);
  return badId === null ? { record: salvaged, issues } : lose(badId, "missing, blank or not usable as an id");
}

/** The exact id of a record, never trimmed. Null if the record has no usable id. */
export function recordId(raw: unknown): string | null {
  if (!isPlainObject(raw)) return null;
  const id = Number.isSafeInteger(raw.id) ? String(raw.id) : raw.id;
  return typeof id === "string" && isUsableId(id) ? id : null;
}

type Note = (field: string, reason: string) => void;

/** The first required field that is not a usable id. All required fields of a record are ids. */
function unusableId(schema: z.ZodObject, record: Record<string, unknown>): string | null {
  for (const key of requiredKeys(schema)) {
    const id = record[key];
    if (typeof id !== "string" || !isUsableId(id)) return key;
  }
  return null;
}

const requiredKeysOf = new WeakMap<z.ZodObject, string[]>();

function requiredKeys(schema: z.ZodObject): string[] {
  let keys = requiredKeysOf.get(schema);
  if (!keys) {
    keys = Object.keys(schema.shape).filter((key) => schema.shape[key] instanceof z.ZodString);
    requiredKeysOf.set(schema, keys);
  }
  return keys;
}

/** The value as the schema requires it, or undefined if it cannot be converted. Notes what it leaves out. */
function salvage(schema: z.core.$ZodType, value: unknown, path: string, note: Note): unknown {
  if (value === undefined || value === null) return undefined;
  if (typeof value === "string" && value.trim() === "" && !takesBlankText(schema)) return undefined;
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable)
    return salvage(schema.unwrap(), value, path, note);

  if (schema instanceof z.ZodObject && isPlainObject(value)) return salvageObject(schema, value, path, note);
  const list = Array.isArray(value) ? listAmong(schema) : undefined;
  if (list !== undefined) return salvageArray(list, value as unknown[], path, note);
  const converted = convert(schema, value);
  if (converted === undefined) note(path, `expected ${wanted(schema)}, got ${kindOf(value)}`);
  return converted;
}

/** The schema's list: the schema itself, or one of its alternatives. */
const listAmong = (schema: z.core.$ZodType): z.ZodArray | undefined =>
  (schema instanceof z.ZodUnion ? schema.options : [schema]).find(
    (option): option is z.ZodArray => option instanceof z.ZodArray,
  );

/** Whether the schema accepts a blank text. A blank instead of a number or a list counts as absent, not as invalid. */
const takesBlankText = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodOptional || schema instanceof z.ZodNullable || schema instanceof z.ZodString;

function salvageObject(
  schema: z.ZodObject,
  value: Record<string, unknown>,
  path: string,
  note: Note,
): unknown {
  const salvaged: Record<string, unknown> = {};
  for (const [key, field] of Object.entries(schema.shape))
    // Null means that the provider has no value, which differs from an absent or invalid one.
    salvaged[key] =
      value[key] === null ? null : salvage(field, value[key], path ? `${path}.${key}` : key, note);
  return salvaged;
}

function salvageArray(schema: z.ZodArray, value: unknown[], path: string, note: Note): unknown {
  return value
    .map((element, index) => salvage(schema.element, element, `${path}[${index}]`, note))
    .filter((element) => element !== undefined);
}

/** Converts between scalar types without guessing: "42" is 42, "a few" is not a number. */
function convert(schema: z.core.$ZodType, value: unknown): unknown {
  const isScalar = typeof value === "string" || typeof value === "boolean" || Number.isFinite(value);
  if (schema instanceof z.ZodUnion) return isScalar ? value : undefined;
  if (schema instanceof z.ZodString) return isScalar ? String(value) : undefined;
  if (schema instanceof z.ZodNumber) return toNumber(value);
  if (schema instanceof z.ZodBoolean) return toBoolean(value);
  return undefined;
}

function toNumber(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return Number.isFinite(number) ? (number as number) : undefined;
}

const booleans = new Map<unknown, boolean>([
  [true, true],
  [1, true],
  ["true", true],
  ["1", true],
  [false, false],
  [0, false],
  ["false", false],
  ["0", false],
]);

const toBoolean = (value: unknown): boolean | undefined =>
  booleans.get(typeof value === "string" ? value.trim().toLowerCase() : value);

function wanted(schema: z.core.$ZodType): string {
  if (schema instanceof z.ZodNumber) return "a number";
  if (schema instanceof z.ZodBoolean) return "true or false";
  if (schema instanceof z.ZodArray) return "a list";
  if (schema instanceof z.ZodObject) return "an object";
  return "text";
}

/** The type of a value for a message; never the value itself, which belongs to the customer. */
function kindOf(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (Array.isArray(value)) return "a list";
  return typeof value === "object"
    ? "an object"
    : typeof value === "string"
      ? "other text"
      : `a ${typeof value}`;
}

export function recordName(raw: unknown): string | null {
  if (!isPlainObject(raw)) return null;
  for (const name of [raw.nickname, raw.name, raw.hostname]) {
    const text = typeof name === "string" ? cleanText(name, textLimits.name) : null;
    if (text !== null) return text;
  }
  return null;
}

const isPlainObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
