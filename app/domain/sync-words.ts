/** The words of a sync run, shared by the schema, the use cases and the screens. */

export const syncTypes = ["organizations", "full", "alerts", "device"] as const;
export type SyncType = (typeof syncTypes)[number];

export const syncTriggers = ["manual", "schedule", "webhook", "cli"] as const;
export type SyncTrigger = (typeof syncTriggers)[number];

export const runStatuses = [
  "queued",
  "running",
  "completed",
  "completed_with_errors",
  "failed",
  "cancelled",
] as const;
export type RunStatus = (typeof runStatuses)[number];

export const syncResources = ["groups", "devices", "updates", "alerts"] as const;
export type SyncResource = (typeof syncResources)[number];

/** What happened to the records of one resource in a run. */
export interface ResourceCounts {
  pages: number;
  seen: number;
  created: number;
  updated: number;
  unchanged: number;
  skipped: number;
  failed: number;
  gone: number;
  held: number;
}
