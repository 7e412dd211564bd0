import type { SkipReason, PlannedDeviceAction } from "@domain/device-plan";
import { formatBytes, formatNumber } from "@domain/format";
import type { DiskSnapshot } from "@domain/snapshots";
import { detailName } from "~/features/audit/audit-sentences";
import type { Tone } from "~/ui/badge";
import { skipReasonLabels } from "~/ui/skip-reasons";

/** The labels of each planned action: what would happen to a device, and what happened once the plan was applied. */
export const planActionLabels: Record<
  PlannedDeviceAction,
  { would: string; did: string; note: string; tone: Tone }
> = {
  create: { would: "New asset", did: "New asset", note: "an asset is made", tone: "good" },
  return: { would: "Comes back", did: "Came back", note: "joins an asset that is there", tone: "good" },
  change: { would: "Changes", did: "Changed", note: "other values", tone: "info" },
  move: { would: "Moves", did: "Moved", note: "to another client, or none", tone: "accent" },
  skip: { would: "Left out", did: "Left out", note: "no asset", tone: "neutral" },
  gone: { would: "Gone", did: "Gone", note: "marked as gone", tone: "bad" },
  hold: { would: "Held", did: "Held", note: "waits for a person", tone: "warn" },
};

const fieldNames: Partial<Record<string, string>> = {
  assetType: "Type",
  osType: "OS",
  osVersion: "OS version",
  osName: "OS name",
  lanIp: "LAN address",
  cpuModel: "Processor",
  cpuCores: "Cores",
  ramGb: "Memory",
  memoryBytes: "Memory in detail",
  lastLoggedInUser: "User",
  networkInterfaces: "Network adapters",
};

/** The label of a field: `serialNumber` is "Serial number". */
function planFieldName(field: string): string {
  const name = fieldNames[field] ?? detailName(field);
  return name.charAt(0).toUpperCase() + name.slice(1);
}

const MAX_LENGTH = 160;

const shortened = (text: string): string =>
  text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH - 1).trimEnd()}…`;

/** A field's value as text for people; null if there is none. */
function planValueText(field: string, value: unknown): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (field === "disks" && Array.isArray(value)) {
    if (value.length === 0) return null;
    return shortened((value as DiskSnapshot[]).map(diskText).join("; "));
  }
  if (field === "ramGb" && typeof value === "number") return `${formatNumber(value)} GB`;
  return shortened(plainText(field, value));
}

const diskText = ({ name, totalBytes, freeBytes }: DiskSnapshot): string =>
  `${name}: ${formatBytes(freeBytes)} free of ${formatBytes(totalBytes)}`;

function plainText(field: string, value: unknown): string {
  switch (typeof value) {
    case "boolean":
      return value ? "yes" : "no";
    case "number":
      return /bytes$/i.test(field) ? formatBytes(value) : formatNumber(value);
    case "string":
      return value;
    case "object":
      break;
    default:
      return String(value);
  }
  if (value === null) return "none";
  if (Array.isArray(value)) {
    const isNested = value.some((item) => typeof item === "object" && item !== null);
    return value.map((item) => plainText(field, item)).join(isNested ? "; " : ", ");
  }
  return Object.entries(value)
    .filter(([, member]) => member !== null && member !== undefined)
    .map(([name, member]) => `${detailName(name)} ${plainText(name, member)}`)
    .join(", ");
}

export interface PlannedChange {
  action: PlannedDeviceAction;
  fromClient: string | null;
  toClient: string | null;
  changes: { field: string; from?: unknown; to?: unknown }[];
  reason: string | null;
}

export interface FieldText {
  field: string;
  from: string | null;
  to: string | null;
}

/** The changes of a device field by field. Its client comes first, by name. */
export function fieldTexts({ action, fromClient, toClient, changes }: PlannedChange): FieldText[] {
  const staged = changes.some((change) => change.field === "client");
  const isMoved = staged || (["move", "return"].includes(action) && fromClient !== toClient);
  return [
    ...(isMoved ? [{ field: "Client", from: fromClient, to: toClient }] : []),
    ...changes
      .filter((change) => change.field !== "client")
      .map(({ field, from, to }) => ({
        field: planFieldName(field),
        from: planValueText(field, from),
        to: planValueText(field, to),
      })),
  ];
}

/** Why a device is skipped, comes back or is held, as a sentence; null if the action needs no reason. */
export function planReason({ action, reason }: Pick<PlannedChange, "action" | "reason">): string | null {
  if (reason === null) return null;
  if (action === "skip" && reason in skipReasonLabels) return skipReasonLabels[reason as SkipReason].text;
  return reason.charAt(0).toUpperCase() + reason.slice(1);
}
