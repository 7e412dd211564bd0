import type { ScheduledKind } from "./schedule-limits";

/** The words of a sync run, shared by the schema, the use cases and the pages. */

export const syncTypes = ["organizations", "full", "alerts", "device", "dry_run"] as const;
export type SyncType = (typeof syncTypes)[number];

/** The target of a run that reads only the active alerts, in place of the id of one device or alert. */
export const ACTIVE_ALERTS = "active";

/**
 * The schedule that a run's outcome counts for, whoever requested the run. A run of one alert counts for none, because
 * it says nothing about the account's other alerts.
 */
export function scheduleOf(run: { type: SyncType; targetExternalId: string }): ScheduledKind | null {
  if (run.type === "full") return "full";
  const isOfMany = run.targetExternalId === "" || run.targetExternalId === ACTIVE_ALERTS;
  return run.type === "alerts" && isOfMany ? "alerts" : null;
}

/** The kinds of sync whose outcome a connection shows. */
export type SyncKind = "full" | "groups" | "alerts";

/** The kind that a run's failure marks on its connection; null for a run of one device or one alert. */
export const syncKindOf = (run: { type: SyncType; targetExternalId: string }): SyncKind | null =>
  run.type === "organizations" ? "groups" : scheduleOf(run);

/** Changes that the RMM reports and that wait for a person if there are too many at once. */
export const heldKinds = ["removal", "move", "rename"] as const;
export type HeldKind = (typeof heldKinds)[number];

/** The number of held changes of each kind. */
export interface HeldSum {
  removal: number;
  move: number;
  rename: number;
  /** How many of the moves lead to no client. */
  losesClient: number;
}

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

/** The resource whose counts are the run's own. */
export const headlineOf: Record<SyncType, SyncResource> = {
  organizations: "groups",
  full: "devices",
  dry_run: "devices",
  device: "devices",
  alerts: "alerts",
};

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
