import { editableFields, type AssetFields, type EditableField } from "./asset-fields";
import { DAY_MS } from "./durations";

/** Days for which a merge can be undone. */
export const UNDO_DAYS = 7;

/** Merges of assets made at this instant or before it can no longer be undone. */
export const undoableSince = (now: Date): Date => new Date(now.getTime() - UNDO_DAYS * DAY_MS);

/** One of two assets to merge. */
export interface MergeCandidate {
  id: string;
  createdMs: number;
  /** A connected RMM lists a device of it. */
  isListed: boolean;
  isOnline: boolean;
  seenMs: number | null;
}

/**
 * Which asset stays, with its history: the older one. And which is current: the one that is listed, is online, or was
 * seen last.
 */
export function rolesOf<Side extends MergeCandidate>(a: Side, b: Side) {
  const isCurrent = (x: Side, y: Side) =>
    Number(x.isListed) - Number(y.isListed) ||
    Number(x.isOnline) - Number(y.isOnline) ||
    (x.seenMs ?? 0) - (y.seenMs ?? 0) ||
    x.createdMs - y.createdMs;
  const [current, former] = isCurrent(a, b) >= 0 ? [a, b] : [b, a];
  const [kept, merged] = a.createdMs <= b.createdMs ? [a, b] : [b, a];
  return { current, former, kept, merged };
}

interface FieldsOfSide extends AssetFields {
  overriddenFields: readonly string[];
}

/** The fields of the merged asset: overrides before the RMM's values, the current asset's before the former's. */
export function mergeFields(
  current: FieldsOfSide,
  former: FieldsOfSide,
): { fields: AssetFields; overriddenFields: string[] } {
  const held = (side: FieldsOfSide, field: EditableField) => side.overriddenFields.includes(field);
  const from = (field: EditableField) =>
    held(former, field) && !held(current, field) ? former[field] : (current[field] ?? former[field]);
  const fields = Object.fromEntries(
    editableFields.map((field) => [field, from(field)]),
  ) as unknown as AssetFields;
  const notes = [former.notes, current.notes].filter((text) => text !== null && text !== "");
  return {
    fields: { ...fields, notes: notes.length === 0 ? null : [...new Set(notes)].join("\n\n") },
    overriddenFields: [...new Set([...former.overriddenFields, ...current.overriddenFields])],
  };
}
