import type { ScheduledKind } from "./schedule-limits";

/** The words of a sync run, shared by the schema, the use cases and the screens. */

export const syncTypes = ["organizations", "full", "alerts", "device", "dry_run"] as const;
export type SyncType = (typeof syncTypes)[number];

/** Stands where a run's one device or alert stands, of a run that goes over the active alerts alone. */
export const ACTIVE_ALERTS = "active";

/**
 * The schedule that a run speaks for, whoever asked for it. A run of one alert says nothing of the account's others, and
 * so for none.
 */
export function scheduleOf(run: { type: SyncType; targetExternalId: string }): ScheduledKind | null {
  if (run.type === "full") return "full";
  const isOfMany = run.targetExternalId === "" || run.targetExternalId === ACTIVE_ALERTS;
  return run.type === "alerts" && isOfMany ? "alerts" : null;
}

/** The kinds of sync whose outcome a connection shows. */
export type SyncKind = "full" | "groups" | "alerts";

/** The kind that a run's failure marks on its connection; a run of one device or one alert says nothing of the account. */
export const syncKindOf = (run: { type: SyncType; targetExternalId: string }): SyncKind | null =>
  run.type === "organizations" ? "groups" : scheduleOf(run);

/** Changes that an RMM reports and that wait for a person where there are surprisingly many of them. */
export const heldKinds = ["removal", "move", "rename"] as const;
export type HeldKind = (typeof heldKinds)[number];

/** How many held changes there are of each kind. */
export interface HeldSum {
  removal: number;
  move: number;
  rename: number;
  /** Of the moves, those to no client. */
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
