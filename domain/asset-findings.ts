/**
 * What is wrong with a machine according to the RMM, in the order of the lists. The database's trigger
 * `asset_findings` writes these words; see the migration that made it.
 */
export const assetFindings = [
  "endOfLife",
  "antivirus",
  "firewallOff",
  "notEncrypted",
  "diskFull",
  "highRisk",
  "maintenance",
] as const;
export type AssetFinding = (typeof assetFindings)[number];

/** The finding that an address names; undefined for an unknown word. */
export const findingOf = (text: string | null): AssetFinding | undefined =>
  assetFindings.find((finding) => finding === text);
