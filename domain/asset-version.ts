import type { AssetFields, AssetPlace } from "./asset-fields";
import { changedSince, shownVersion } from "./shown-version";

const valuesOf = (fields: AssetFields & Partial<AssetPlace>, overriddenFields: readonly string[]) => ({
  ...fields,
  held: [...overriddenFields].sort(),
});

/**
 * A fingerprint of the editable fields, to detect that they changed since a page was shown. Other facts are left out: a
 * sync that only changes free disk space does not make a page stale.
 */
export const assetVersion = (
  fields: AssetFields & Partial<AssetPlace>,
  overriddenFields: readonly string[],
): string => shownVersion(valuesOf(fields, overriddenFields));

/** The fields that changed since the page was shown; `held` if an override was set or removed. */
export const assetChangesSince = (
  version: string,
  fields: AssetFields & Partial<AssetPlace>,
  overriddenFields: readonly string[],
): string[] => changedSince(version, valuesOf(fields, overriddenFields));
