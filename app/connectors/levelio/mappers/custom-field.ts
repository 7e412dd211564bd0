import type {
  CustomFieldSnapshot,
  CustomFieldValue,
  CustomFieldValues,
  RecordIssue,
} from "@domain/snapshots";
import { capText, cleanText, isUsableId, onOneLine, storableText, textLimits } from "@domain/text";

import { readRecord } from "../read-record";
import { customFieldSchema, customFieldValueSchema } from "../schemas";
import type { Mapped } from "./fields";

/** Names a field without a name by its reference. A field that does not say who may see it is for admins. */
export function mapCustomField(raw: unknown): Mapped<CustomFieldSnapshot> {
  const { record, issues } = readRecord(customFieldSchema, raw);
  if (!record) return { item: null, issues };
  const reference = cleanText(record.reference, textLimits.name);
  const name = cleanText(onOneLine(record.name ?? ""), textLimits.name) ?? reference ?? record.id;
  return {
    item: { externalId: record.id, name, reference, isAdminOnly: record.admin_only ?? true },
    issues,
  };
}

/** Maps the rows of a list of values. Leaves out a row that names no field, and notes it. */
export function mapCustomFieldValues(rows: unknown[], isComplete: boolean): Mapped<CustomFieldValues> {
  const values: CustomFieldValue[] = [];
  const issues: RecordIssue[] = [];
  for (const row of rows) {
    const { record, issues: found } = readRecord(customFieldValueSchema, row);
    issues.push(...found);
    if (!record) continue;
    const id = record.custom_field_id ?? null;
    const externalFieldId = id !== null && isUsableId(id) ? id : null;
    const fieldName = cleanText(onOneLine(record.custom_field_name ?? ""), textLimits.name);
    if (externalFieldId === null && fieldName === null)
      issues.push({ ...unnamed, name: null, field: "custom_field_id" });
    else values.push({ externalFieldId, fieldName, value: valueText(record.value) });
  }
  return { item: { values, isComplete }, issues };
}

/**
 * The custom field values in a single record, by field name: undocumented, and seen with groups. Undefined if it has
 * none.
 */
export function carriedValues(raw: unknown): CustomFieldValues | undefined {
  const carried = (raw as { custom_fields?: unknown } | null)?.custom_fields;
  if (typeof carried !== "object" || carried === null || Array.isArray(carried)) return undefined;
  const values = Object.entries(carried).flatMap(([name, value]) => {
    const fieldName = cleanText(onOneLine(name), textLimits.name);
    return fieldName === null ? [] : [{ externalFieldId: null, fieldName, value: valueText(value) }];
  });
  return { values, isComplete: true };
}

const unnamed = {
  severity: "field",
  externalId: null,
  reason: "names no custom field",
} as const satisfies Partial<RecordIssue>;

/** The value as given, with blanks at its ends, up to the length of a note. A blank text is no value. */
function valueText(value: unknown): string | null {
  if (typeof value !== "string" && typeof value !== "number" && typeof value !== "boolean") return null;
  const text = storableText(String(value));
  return text.trim() === "" ? null : capText(text, textLimits.note);
}
