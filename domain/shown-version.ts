import { contentHash } from "./content-hash";

type Values = Record<string, unknown>;

const LENGTH = 12;

const fingerprint = (value: unknown): string => contentHash([value ?? null]).slice(0, LENGTH);

/** Fingerprints of the values a form shows, one for each field. The form sends them back with what was typed. */
export const shownVersion = (values: Values): string =>
  Object.entries(values)
    .map(([field, value]) => `${field}:${fingerprint(value)}`)
    .join(" ");

/**
 * The fields whose stored value differs from the one that the form showed; all of them if the version is not one of
 * ours.
 */
export function changedSince(version: string, stored: Values): string[] {
  const shown = new Set(version.split(" "));
  return Object.entries(stored)
    .filter(([field, value]) => !shown.has(`${field}:${fingerprint(value)}`))
    .map(([field]) => field);
}

/**
 * The fields that somebody else changed since the form was shown and that saving `wanted` would revert. A form sent
 * twice overwrites nothing.
 */
export const overwritten = (version: string | undefined, stored: Values, wanted: Values): string[] =>
  version === undefined
    ? []
    : changedSince(version, stored).filter(
        (field) => fingerprint(stored[field]) !== fingerprint(wanted[field]),
      );

/** A form was refused because somebody changed its values: nothing was written. */
export interface Stale {
  state: "stale";
  fields: string[];
  /** Who changed it last; null if the audit log names nobody. */
  by: string | null;
}
