import { createHash } from "node:crypto";

import { intervalLimits, type ScheduledKind } from "./schedule-limits";

/**
 * When a connection's syncs are due. The instants of a schedule stand on a grid: whole intervals since the epoch (UTC,
 * so daylight saving does not touch them) plus an offset of the connection's own. A run that starts late moves
 * nothing, so that the interval is kept exactly.
 */

const MINUTE_MS = 60_000;

export interface Schedule {
  kind: ScheduledKind;
  integrationId: string;
  intervalMinutes: number;
}

/** Whether the interval may be asked for. */
export function isAllowedInterval(kind: ScheduledKind, minutes: number): boolean {
  const { min, max } = intervalLimits[kind];
  return Number.isInteger(minutes) && minutes >= min && minutes <= max;
}

/**
 * The place of a schedule in its period, in whole minutes: the scheduler looks once a minute. It hangs on the
 * connection alone, so that connections are spread over the period and each keeps its place.
 */
export function offsetMinutes({ kind, integrationId, intervalMinutes }: Schedule): number {
  const hash = createHash("sha256").update(`${kind}:${integrationId}`).digest();
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
 * What to do about a schedule whose next instant was set to `next`. However many instants have passed, it is due once.
 * A next instant that lies further away than an interval was set under another interval or by a clock that has been
 * put back since: it is set anew, or nothing would run until then.
 */
export function scheduleState(schedule: Schedule, next: Date | null, now: Date): ScheduleState {
  if (next === null || next <= now) return { state: "due", next: nextInstant(schedule, now) };
  const aheadMs = next.getTime() - now.getTime();
  if (aheadMs <= schedule.intervalMinutes * MINUTE_MS) return { state: "waiting" };
  return { state: "misplaced", next: nextInstant(schedule, now) };
}

/** How late a schedule is, in milliseconds; 0 while it is on time. */
export function lagMs(next: Date | null, now: Date): number {
  return next === null ? 0 : Math.max(0, now.getTime() - next.getTime());
}

export interface ScheduleSettings {
  id: string;
  fullSyncEnabled: boolean;
  fullSyncIntervalMinutes: number;
  alertsSyncIntervalMinutes: number;
}

/** The schedules of a connection. Groups are read with each full sync. */
export function schedulesOf(settings: ScheduleSettings): Schedule[] {
  const { id: integrationId } = settings;
  const alerts: Schedule = {
    kind: "alerts",
    integrationId,
    intervalMinutes: settings.alertsSyncIntervalMinutes,
  };
  if (!settings.fullSyncEnabled) return [alerts];
  return [{ kind: "full", integrationId, intervalMinutes: settings.fullSyncIntervalMinutes }, alerts];
}

/** Where each kind's next instant is kept. */
export const nextColumn = { full: "nextFullSyncAt", alerts: "nextAlertsSyncAt" } as const;

/** The next instants of a connection whose schedules begin, or begin anew, at `now`. */
export function firstInstants(
  settings: ScheduleSettings,
  now: Date,
): { nextFullSyncAt: Date | null; nextAlertsSyncAt: Date | null } {
  const at = { nextFullSyncAt: null, nextAlertsSyncAt: null } as Record<
    "nextFullSyncAt" | "nextAlertsSyncAt",
    Date | null
  >;
  for (const schedule of schedulesOf(settings)) at[nextColumn[schedule.kind]] = nextInstant(schedule, now);
  return at;
}
