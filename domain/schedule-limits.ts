/** The numbers of the schedules, also for the screens. */

export const scheduledKinds = ["full", "alerts"] as const;
export type ScheduledKind = (typeof scheduledKinds)[number];

/** Shortest, longest and default interval of each kind, in minutes. */
export const intervalLimits = {
  full: { min: 15, max: 7 * 24 * 60, default: 60 },
  alerts: { min: 5, max: 60, default: 15 },
} as const satisfies Record<ScheduledKind, { min: number; max: number; default: number }>;

/** The kinds of runs of a schedule, in words. */
export const scheduledRuns: Record<ScheduledKind, string> = {
  full: "full syncs",
  alerts: "comparisons of alerts",
};

/** Failed runs of a schedule in a row after which people get a notice, and after which the schedule is paused. */
export const WARN_AFTER_FAILURES = 3;
export const PAUSE_AFTER_FAILURES = 5;

/** A schedule later than this does not run, because the scheduler checks it every minute. */
export const OVERDUE_AFTER_MINUTES = 5;

/** Days that a run is kept with its pages and single errors; afterwards only the totals of its day remain. */
export const RUN_DETAILS_DAYS = 90;

/** Days that a delivery of the webhook is kept. */
export const DELIVERY_DAYS = 30;
