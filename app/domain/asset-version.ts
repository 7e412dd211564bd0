import type { AssetFields } from "./asset-fields";
import { contentHash } from "./content-hash";

const LENGTH = 16;

/**
 * Tells whether what a person may edit is still what their page showed. Made of the fields alone: a sync that brings
 * another free disk space does not make a page stale.
 */
export const assetVersion = (fields: AssetFields, heldFields: readonly string[]): string =>
  contentHash({ ...fields, held: [...heldFields].sort() }).slice(0, LENGTH);
