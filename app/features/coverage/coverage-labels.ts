import type { CoverageKind } from "@domain/coverage";
import type { SkipReason } from "@domain/device-plan";
import type { Tone } from "~/ui/badge";
import { skipReasonLabels } from "~/ui/skip-reasons";

/** The most characters of a note. */
export const MAX_GAP_NOTE = 500;

export const gapLabels: Record<
  CoverageKind,
  { tab: string; noun: string; detail: string; none: string; text: string }
> = {
  assets: {
    tab: "Assets without an agent",
    noun: "asset",
    detail: "Client",
    none: "Every asset is known to an RMM",
    text: "Current assets that no connected RMM lists, and that are not marked as needing no agent.",
  },
  devices: {
    tab: "Devices without an asset",
    noun: "device",
    detail: "Group",
    none: "Every device has an asset",
    text: "Devices that your RMM lists and that became nobody’s asset.",
  },
  clients: {
    tab: "Clients without devices",
    noun: "client",
    detail: "Client",
    none: "Every client has a device",
    text: "Clients that are not archived and have no current asset.",
  },
  groups: {
    tab: "Groups without a client",
    noun: "group",
    detail: "Connection",
    none: "Every group leads to a client",
    text: "Groups of your RMM that are not mapped, and have no group above them that is.",
  },
};

const ownReasons: Record<string, { text: string; tone: Tone }> = {
  no_agent: { text: "No RMM lists it", tone: "warn" },
  no_client: { text: "No RMM lists it, no client owns it", tone: "warn" },
  no_group: { text: "No group is mapped to it", tone: "warn" },
  empty_groups: { text: "Its groups hold no device", tone: "neutral" },
};

/** The text and tone of the reason for a gap. An unknown reason is shown as it is. */
export const reasonLabel = (reason: string): { text: string; tone: Tone } =>
  ownReasons[reason] ?? skipReasonLabels[reason as SkipReason] ?? { text: reason, tone: "neutral" };
