import type { AssetFinding } from "@domain/asset-findings";
import { count } from "@domain/format";
import type { RunStatus, SyncResource, SyncTrigger, SyncType, HeldSum } from "@domain/sync-words";

import type { Tone } from "./badge";

/** Labels for the values in the database. */

export const runStatusLabels: Record<RunStatus, { text: string; tone: Tone }> = {
  queued: { text: "Queued", tone: "neutral" },
  running: { text: "Running", tone: "info" },
  completed: { text: "Completed", tone: "good" },
  completed_with_errors: { text: "Completed with errors", tone: "warn" },
  failed: { text: "Failed", tone: "bad" },
  cancelled: { text: "Cancelled", tone: "neutral" },
};

export const syncTypeLabels: Record<SyncType, string> = {
  organizations: "Groups",
  full: "Full sync",
  alerts: "Alerts",
  device: "Single device",
  dry_run: "Dry run",
};

export const triggerLabels: Record<SyncTrigger, string> = {
  manual: "By hand",
  schedule: "Schedule",
  webhook: "Webhook",
  cli: "Command line",
};

export const resourceLabels: Record<SyncResource, string> = {
  groups: "Groups",
  devices: "Devices",
  updates: "Updates",
  alerts: "Alerts",
};

export const severityLabels = {
  critical: { text: "Critical", tone: "worst" },
  major: { text: "Major", tone: "bad" },
  moderate: { text: "Moderate", tone: "warn" },
  minor: { text: "Minor", tone: "info" },
  none: { text: "None", tone: "neutral" },
} as const satisfies Record<string, { text: string; tone: Tone }>;

export const findingLabels: Record<AssetFinding, string> = {
  endOfLife: "End-of-life system",
  antivirus: "Antivirus not up to date",
  firewallOff: "Firewall off",
  notEncrypted: "System drive not encrypted",
  diskFull: "Disk nearly full",
  highRisk: "High security risk",
  maintenance: "In maintenance",
};

export const platformLabels = {
  windows: "Windows",
  macos: "macOS",
  linux: "Linux",
  other: "Other systems",
} as const;

/** Whether a run is open: queued or running. */
export const isInFlight = (status: RunStatus): boolean => status === "queued" || status === "running";

/** Why an asset is marked as gone, as a sentence. */
export const goneReasonText = (reason: string | null): string =>
  reason === null
    ? "The RMM does not list it any more."
    : `${reason[0]?.toUpperCase() ?? ""}${reason.slice(1)}.`;

/** The number of changes of each kind as text: "60 removals, 12 moves". */
export const sumText = ({ removal, move, rename }: Omit<HeldSum, "losesClient">): string =>
  [
    removal > 0 && count(removal, "removal"),
    move > 0 && count(move, "move"),
    rename > 0 && count(rename, "rename"),
  ]
    .filter((part) => part !== false)
    .join(", ");
