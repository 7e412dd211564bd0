/** The numbers of the schedules, also for the screens. */

export const scheduledKinds = ["full", "alerts"] as const;
export type ScheduledKind = (typeof scheduledKinds)[number];

/** Shortest, longest and usual interval of each kind, in minutes. */
export const intervalLimits = {
  full: { min: 15, max: 7 * 24 * 60, default: 60 },
  alerts: { min: 5, max: 60, default: 15 },
} as const satisfies Record<ScheduledKind, { min: number; max: number; default: number }>;

/** The runs of a schedule, in words. */
export const scheduledRuns: Record<ScheduledKind, string> = {
  full: "full syncs",
  alerts: "comparisons of alerts",
};

/** A person is warned after so many failed runs of a schedule in a row, and the schedule is paused after so many. */
export const WARN_AFTER_FAILURES = 3;
export const PAUSE_AFTER_FAILURES = 5;

/** A schedule that is later than this does not run automatically: it is looked at each minute. */
export const OVERDUE_AFTER_MINUTES = 5;

/** So long a run is kept, with its pages and single errors; after that, it is part of the sums of its day. */
export const RUN_DETAILS_DAYS = 90;

/** So long a delivery of the webhook is kept. */
export const DELIVERY_DAYS = 30;
