import type { AlertSeverity } from "./alert-words";
import type { AssetType } from "./asset-words";
import { foldText } from "./text";
import { matchesWildcards } from "./wildcards";

/**
 * Which incidents a maintenance window or a rule is about. Every kind of condition that is given must hold; of several
 * values of a kind, one is enough.
 */
export interface AlertConditions {
  severities: AlertSeverity[];
  /** A text that the alert's name has in it, or, with `*` or `?`, a pattern for the whole name; empty for any. */
  name: string;
  clientIds: string[];
  /** Groups of the RMM with everything below. */
  groupIds: string[];
  assetIds: string[];
  tags: string[];
  assetTypes: AssetType[];
  platforms: string[];
}

/** Longer names of alerts are not kept either. */
export const MAX_NAME_PATTERN = 200;

export const anyAlert: AlertConditions = {
  severities: [],
  name: "",
  clientIds: [],
  groupIds: [],
  assetIds: [],
  tags: [],
  assetTypes: [],
  platforms: [],
};

/** A device of an incident. What is not known of it meets no condition. */
export interface ConditionDevice {
  assetId: string | null;
  /** Its group at the RMM and all above. */
  groupIds: readonly string[];
  tags: readonly string[];
  assetType: AssetType | null;
  platform: string | null;
}

export interface ConditionSubject {
  severity: AlertSeverity;
  name: string;
  clientId: string | null;
}

/** Whether an alert of a device meets the conditions. */
export const meets = (
  conditions: AlertConditions,
  { severity, name, clientId }: ConditionSubject,
  device: ConditionDevice,
): boolean =>
  isOneOf(conditions.severities, severity) &&
  meetsDevice(conditions, clientId, device) &&
  matchesName(conditions.name, name);

/** Whether a device meets those of the conditions that ask nothing of an alert. */
export const meetsDevice = (
  conditions: AlertConditions,
  clientId: string | null,
  device: ConditionDevice,
): boolean =>
  isOneOf(conditions.clientIds, clientId) &&
  isOneOf(conditions.assetIds, device.assetId) &&
  isOneOf(conditions.assetTypes, device.assetType) &&
  isOneOf(conditions.platforms, device.platform) &&
  hasOneOf(conditions.groupIds, device.groupIds) &&
  hasOneOf(conditions.tags, device.tags);

const isOneOf = <T>(wanted: readonly T[], value: T | null): boolean =>
  wanted.length === 0 || (value !== null && wanted.includes(value));

const hasOneOf = (wanted: readonly string[], values: readonly string[]): boolean =>
  wanted.length === 0 || wanted.some((one) => values.includes(one));

/**
 * Whether a name has the text in it, or is as the pattern says: `*` stands for any text, `?` for one character. Case does
 * not matter. Takes at most the product of both lengths, whatever is typed.
 */
function matchesName(pattern: string, name: string): boolean {
  const wanted = foldText(pattern.trim());
  const found = foldText(name);
  if (!wanted.includes("*") && !wanted.includes("?")) return found.includes(wanted);
  return matchesWildcards(wanted, found);
}
