import { createHash } from "node:crypto";

import { MINUTE_MS } from "./durations";
import { intervalLimits, OVERDUE_AFTER_MINUTES, scheduledKinds, type ScheduledKind } from "./schedule-limits";

/**
 * When a connection's syncs are due. The instants of a schedule lie on a grid: whole intervals since the epoch (in UTC,
 * so daylight saving does not affect them) plus an offset of the connection's own. A run that starts late shifts
 * nothing, so that the interval is exact.
 */

export interface Schedule {
  kind: ScheduledKind;
  connectionId: string;
  intervalMinutes: number;
}

/** Whether the interval is within the limits. */
export function isAllowedInterval(kind: ScheduledKind, minutes: number): boolean {
  const { min, max } = intervalLimits[kind];
  return Number.isInteger(minutes) && minutes >= min && minutes <= max;
}

/**
 * The offset of a schedule within its period, in whole minutes, because the scheduler runs once a minute. It depends on
 * the connection alone, so connections are spread over the period and each keeps its offset.
 */
export function offsetMinutes({ kind, connectionId, intervalMinutes }: Schedule): number {
  const hash = createHash("sha256").update(`${kind}:${connectionId}`).digest();
  return hash.readUInt32BE(0) % intervalMinutes;
}

/** The first instant of the schedule after `now`: at most one interval away. */
export function nextInstant(schedule: Schedule, now: Date): Date {
  const intervalMs = schedule.intervalMinutes * MINUTE_MS;
  const offsetMs = offsetMinutes(schedule) * MINUTE_MS;
  const passed = Math.floor((now.getTime() - offsetMs) / intervalMs);
  return new Date((passed + 1) * intervalMs + offsetMs);
}

export type ScheduleState =
  { state: "waiting" } | { state: "due"; next: Date } | { state: "misplaced"; next: Date };

/**
 * Decides about a schedule whose next instant is `next`. However many instants have passed, it is due once. A next
 * instant more than an interval away was set under another interval, or before the clock was set back: it is set again,
 * because otherwise nothing would run until then.
 */
export function scheduleState(schedule: Schedule, next: Date | null, now: Date): ScheduleState {
  if (next === null || next <= now) return { state: "due", next: nextInstant(schedule, now) };
  const aheadMs = next.getTime() - now.getTime();
  if (aheadMs <= schedule.intervalMinutes * MINUTE_MS) return { state: "waiting" };
  return { state: "misplaced", next: nextInstant(schedule, now) };
}

export interface ScheduleSettings {
  id: string;
  fullSyncEnabled: boolean;
  fullSyncIntervalMinutes: number;
  alertsSyncIntervalMinutes: number;
}

/** The schedules of a connection. Groups are read with each full sync. */
export function schedulesOf(settings: ScheduleSettings): Schedule[] {
  const { id: connectionId } = settings;
  const alerts: Schedule = {
    kind: "alerts",
    connectionId,
    intervalMinutes: settings.alertsSyncIntervalMinutes,
  };
  if (!settings.fullSyncEnabled) return [alerts];
  return [{ kind: "full", connectionId, intervalMinutes: settings.fullSyncIntervalMinutes }, alerts];
}

/** The columns of a connection that hold the state of each schedule. */
export const columnsOf = {
  full: {
    next: "nextFullSyncAt",
    failures: "consecutiveFailures",
    pausedAt: "pausedAt",
    pausedReason: "pausedReason",
  },
  alerts: {
    next: "nextAlertsSyncAt",
    failures: "alertsFailures",
    pausedAt: "alertsPausedAt",
    pausedReason: "alertsPausedReason",
  },
} as const satisfies Record<ScheduledKind, object>;

/** No failures and no pause of full syncs: their state at the start, and after one succeeded. */
export const fullUnpaused = { consecutiveFailures: 0, pausedAt: null, pausedReason: null } as const;

/** The same for both schedules: their state at the start, and after a new key. */
export const unpaused = {
  ...fullUnpaused,
  alertsFailures: 0,
  alertsPausedAt: null,
  alertsPausedReason: null,
} as const;

export interface ScheduleRow extends ScheduleSettings {
  status: "active" | "needs_attention" | "disconnected";
  nextFullSyncAt: Date | null;
  nextAlertsSyncAt: Date | null;
  consecutiveFailures: number;
  alertsFailures: number;
  pausedAt: Date | null;
  alertsPausedAt: Date | null;
  pausedReason: string | null;
  alertsPausedReason: string | null;
  createdAt: Date;
}

export interface ScheduleStatus {
  kind: ScheduledKind;
  /**
   * `running`: runs automatically. `off`: a person switched it off. `paused`: after failures. `stopped`: the connection
   * has no key, or its key is refused.
   */
  mode: "running" | "off" | "paused" | "stopped";
  failuresInARow: number;
  /** Why it is paused. */
  pausedReason: string | null;
  next: Date | null;
  /** How late it is; 0 while it is on time, or not running. */
  lagMs: number;
  isOverdue: boolean;
}

/** The status of a connection's schedules. One without a next instant is due since the connection was made. */
export function scheduleStatusOf(row: ScheduleRow, now: Date): ScheduleStatus[] {
  return scheduledKinds.map((kind): ScheduleStatus => {
    const columns = columnsOf[kind];
    const mode = modeOf(kind, row);
    const next = mode === "running" ? row[columns.next] : null;
    const lagMs = mode === "running" ? Math.max(0, now.getTime() - Number(next ?? row.createdAt)) : 0;
    const isOverdue = lagMs > OVERDUE_AFTER_MINUTES * MINUTE_MS;
    return {
      kind,
      mode,
      failuresInARow: row[columns.failures],
      pausedReason: mode === "paused" ? row[columns.pausedReason] : null,
      next,
      lagMs,
      isOverdue,
    };
  });
}

function modeOf(kind: ScheduledKind, row: ScheduleRow): ScheduleStatus["mode"] {
  if (row.status !== "active") return "stopped";
  if (kind === "full" && !row.fullSyncEnabled) return "off";
  return row[columnsOf[kind].pausedAt] === null ? "running" : "paused";
}

/**
 * The next instants of the stopped schedules when they resume at `now`: missed runs are caught up at once. Leaves out
 * schedules that run or that a person switched off.
 */
export function caughtUp(
  row: ScheduleRow,
  now: Date,
): Partial<Pick<ScheduleRow, "nextFullSyncAt" | "nextAlertsSyncAt">> {
  const still = schedulesOf(row).filter(({ kind }) => modeOf(kind, row) !== "running");
  return Object.fromEntries(still.map(({ kind }) => [columnsOf[kind].next, now]));
}

/** The next instants of a connection whose schedules start, or start again, at `now`. */
export function firstInstants(
  settings: ScheduleSettings,
  now: Date,
): { nextFullSyncAt: Date | null; nextAlertsSyncAt: Date | null } {
  const at = { nextFullSyncAt: null, nextAlertsSyncAt: null } as Record<
    "nextFullSyncAt" | "nextAlertsSyncAt",
    Date | null
  >;
  for (const schedule of schedulesOf(settings))
    at[columnsOf[schedule.kind].next] = nextInstant(schedule, now);
  return at;
}
