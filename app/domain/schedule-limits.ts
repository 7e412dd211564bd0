/** The numbers of the schedules, also for the screens. */

export const scheduledKinds = ["full", "alerts"] as const;
export type ScheduledKind = (typeof scheduledKinds)[number];

/** Shortest, longest and usual interval of each kind, in minutes. */
export const intervalLimits = {
  full: { min: 15, max: 7 * 24 * 60, default: 60 },
  alerts: { min: 5, max: 60, default: 15 },
} as const satisfies Record<ScheduledKind, { min: number; max: number; default: number }>;

/** A person is warned after so many failed full syncs in a row, and the schedule is paused after so many. */
export const WARN_AFTER_FAILURES = 3;
export const PAUSE_AFTER_FAILURES = 5;

/** So long a run keeps its pages and single errors; after that, its sums alone. */
export const RUN_DETAILS_DAYS = 90;
