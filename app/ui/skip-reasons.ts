import type { SkipReason } from "@domain/device-plan";

import type { Tone } from "./badge";

/** Labels of why a device has no client. */
export const skipReasonLabels: Record<SkipReason, { text: string; tone: Tone }> = {
  ungrouped: { text: "In no group", tone: "neutral" },
  unmapped: { text: "Group not mapped", tone: "warn" },
  excluded: { text: "Excluded", tone: "neutral" },
  undone: { text: "Client undone", tone: "neutral" },
  ambiguous: { text: "Several assets could be it", tone: "warn" },
  superseded: { text: "Older record of an asset", tone: "neutral" },
  approval: { text: "Waits for approval", tone: "warn" },
  rejected: { text: "Left out", tone: "neutral" },
  waiting: { text: "Looks like a known asset", tone: "info" },
};
