import type { AlertSeverity } from "./alert-words";
import type { AssetType } from "./asset-words";
import { foldText } from "./text";
import { matchesWildcards } from "./wildcards";

/**
 * The incidents that a maintenance window or a rule applies to. Every given kind of condition must match; of several
 * values of a kind, one is enough.
 */
export interface AlertConditions {
  severities: AlertSeverity[];
  /** Text that the alert's name contains, or, with `*` or `?`, a pattern for the whole name; empty for any. */
  name: string;
  clientIds: string[];
  /** Groups of the RMM with everything below. */
  groupIds: string[];
  assetIds: string[];
  tags: string[];
  assetTypes: AssetType[];
  platforms: string[];
}

/** Characters; alerts' names are cut to this length too. */
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

/** A device of an incident. Unknown facts match no condition. */
export interface ConditionDevice {
  assetId: string | null;
  /** Its group at the RMM and all groups above. */
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

/** Whether a device matches those of the conditions that do not concern the alert. */
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
 * Whether a name contains the text, or matches the pattern: `*` stands for any text, `?` for one character. Case does
 * not matter. Takes at most the product of both lengths, whatever is typed.
 */
function matchesName(pattern: string, name: string): boolean {
  const wanted = foldText(pattern.trim());
  const found = foldText(name);
  if (!wanted.includes("*") && !wanted.includes("?")) return found.includes(wanted);
  return matchesWildcards(wanted, found);
}
