import { createHash } from "node:crypto";

import type { DeviceSnapshot } from "./snapshots";

/**
 * SHA-256 (hex) of a value's canonical JSON: equal content gives an equal hash whatever the order of keys.
 * Absent and `undefined` members are the same; dates count by their instant.
 */
export const contentHash = (value: unknown): string => sha256(canonicalJson(value));

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

/**
 * SHA-256 (hex) of a mapper's output as it is: mappers set their keys in one order, so none are sorted, which takes a
 * third of the time. If that order changes, each record of an account is written once more, without harm.
 */
export const snapshotHash = (snapshot: object): string => sha256(JSON.stringify(snapshot));

/**
 * Decides whether a device changed. Liveness stays out: it moves each minute and is written apart, so a quiet
 * re-sync writes nothing.
 */
export function deviceContentHash(snapshot: DeviceSnapshot): string {
  const { liveness: _, ...content } = snapshot;
  return snapshotHash(content);
}

/** JSON with sorted keys, dates as ISO. Numbers JSON cannot hold and invalid dates are null. */
export function canonicalJson(value: unknown): string {
  switch (typeof value) {
    case "string":
      return JSON.stringify(value);
    case "number":
      return Number.isFinite(value) ? String(value) : "null";
    case "boolean":
      return value ? "true" : "false";
    case "bigint":
      return String(value);
    case "object":
      break;
    default:
      return "null";
  }
  if (value === null) return "null";
  if (value instanceof Date) return Number.isNaN(value.getTime()) ? "null" : `"${value.toISOString()}"`;
  if (Array.isArray(value)) {
    let items = "";
    for (const item of value) items += (items && ",") + canonicalJson(item);
    return `[${items}]`;
  }
  const record = value as Record<string, unknown>;
  let members = "";
  for (const key of Object.keys(record).sort()) {
    if (record[key] === undefined) continue;
    members += `${members && ","}${JSON.stringify(key)}:${canonicalJson(record[key])}`;
  }
  return `{${members}}`;
}
