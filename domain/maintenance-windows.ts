import { meets, type AlertConditions, type ConditionDevice, type ConditionSubject } from "./alert-conditions";
import { DAY_MS } from "./durations";
import { begunEarlier, wallTimesBetween } from "./recurrence";
import { instantsOf, parseWallTime } from "./wall-clock";

/**
 * Maintenance windows. A window follows the wall clock: one from 22:00 to 04:00 lasts five or seven hours on a night
 * when the clock changes.
 */

/** When a window is, in the tenant's time zone. */
export interface WindowTimes {
  /** The first time: `2026-11-28T22:00`. */
  startsAt: string;
  endsAt: string;
  /** RRULE by which it recurs; null for a single window. */
  rule: string | null;
}

export interface WindowSpan {
  startMs: number;
  endMs: number;
}

/** Milliseconds. No window is longer: a week without notices is not maintenance, and occurrences stay few. */
export const MAX_WINDOW_MS = 7 * 86_400_000;

/**
 * The times of a window that overlap a period, in order. If the clock shows a start twice, the first counts, and of an
 * end the last; a skipped time is the instant of the change. A window that would have no length keeps its usual one.
 * @param isAlways treats a recurring window as if it had always existed
 */
export function occurrencesBetween(
  { startsAt, endsAt, rule }: WindowTimes,
  timeZone: string,
  { fromMs, toMs }: { fromMs: number; toMs: number },
  isAlways = false,
): WindowSpan[] {
  const firstWall = parseWallTime(startsAt);
  const endWall = parseWallTime(endsAt);
  if (firstWall === null || endWall === null || endWall <= firstWall) return [];
  const length = endWall - firstWall;
  // A wall time is at most a day away from the same time in UTC.
  const [from, to] = [fromMs - length - DAY_MS, toMs + DAY_MS];
  return startsOf({ rule, firstWall }, from, to, isAlways)
    .map((wall): WindowSpan => {
      const startMs = instantsOf(wall, timeZone).first;
      const endMs = instantsOf(wall + length, timeZone).last;
      return { startMs, endMs: endMs > startMs ? endMs : startMs + length };
    })
    .filter(({ startMs, endMs }) => endMs > fromMs && startMs <= toMs);
}

function startsOf(
  { rule, firstWall }: { rule: string | null; firstWall: number },
  from: number,
  to: number,
  isAlways: boolean,
): number[] {
  if (rule === null) return firstWall >= from && firstWall <= to ? [firstWall] : [];
  const recurrence = { rule, firstWall };
  if (!isAlways || from >= firstWall) return wallTimesBetween(recurrence, from, to);
  return wallTimesBetween(begunEarlier(recurrence, Math.ceil((firstWall - from) / DAY_MS)), from, to);
}

/** The next time of a window from an instant on, or the one in progress; null if there is none within a year. */
export function nextOccurrence(times: WindowTimes, timeZone: string, nowMs: number): WindowSpan | null {
  for (const days of [35, 366]) {
    const found = occurrencesBetween(times, timeZone, { fromMs: nowMs, toMs: nowMs + days * DAY_MS });
    if (found[0] !== undefined) return found[0];
  }
  return null;
}

/** A window with its present and next times. */
export interface RunningWindow {
  windowId: string;
  conditions: AlertConditions;
  suppressesNotices: boolean;
  suppressesTickets: boolean;
  occurrences: WindowSpan[];
}

/** The alerts of a device in an incident: those that are active, or all if none is. */
export interface DeviceAlerts extends ConditionDevice {
  /** When the earliest of them began. */
  startedMs: number;
  isActive: boolean;
  /** Whether the RMM itself has the device in maintenance. */
  isFlagged: boolean;
}

/** The effect of maintenance on an incident. */
export interface Cover {
  suppressesNotices: boolean;
  suppressesTickets: boolean;
  /** The window; null for the RMM's own maintenance mode. */
  windowId: string | null;
  /** When it ends and is checked again; null while only the RMM knows. */
  untilMs: number | null;
}

/**
 * How maintenance covers an incident: all of its devices must be covered. An alert is covered by a window that matches
 * it and in which it began, as long as the window lasts; an alert that began before was reported and stays so. An alert
 * that was over before it became known is covered by the window in which it began, even after that has ended.
 */
export function coverOf(
  windows: readonly RunningWindow[],
  subject: ConditionSubject,
  devices: readonly DeviceAlerts[],
  nowMs: number,
): Cover | null {
  if (devices.length === 0) return null;
  let all: Cover | null = null;
  for (const device of devices) {
    const one = coverOfDevice(windows, subject, device, nowMs);
    if (one === null) return null;
    all = all === null ? one : both(all, one);
  }
  return all !== null && (all.suppressesNotices || all.suppressesTickets) ? all : null;
}

function coverOfDevice(
  windows: readonly RunningWindow[],
  subject: ConditionSubject,
  device: DeviceAlerts,
  nowMs: number,
): Cover | null {
  const covers = windows.flatMap((window): Cover[] => {
    if (!meets(window.conditions, subject, device)) return [];
    const { windowId, suppressesNotices, suppressesTickets } = window;
    return window.occurrences
      .filter(({ startMs, endMs }) => startMs <= device.startedMs && device.startedMs < endMs)
      .filter(({ endMs }) => !device.isActive || nowMs < endMs)
      .map(({ endMs }) => ({ windowId, suppressesNotices, suppressesTickets, untilMs: endMs }));
  });
  if (device.isFlagged)
    covers.push({ windowId: null, suppressesNotices: true, suppressesTickets: true, untilMs: null });
  const [first, ...rest] = covers;
  return first === undefined ? null : rest.reduce(either, first);
}

/** For one device, any window's suppression counts. */
const either = (one: Cover, other: Cover): Cover => ({
  ...firstToEnd(one, other),
  suppressesNotices: one.suppressesNotices || other.suppressesNotices,
  suppressesTickets: one.suppressesTickets || other.suppressesTickets,
});

/** For several devices, only what is suppressed for all counts. */
const both = (one: Cover, other: Cover): Cover => ({
  ...firstToEnd(one, other),
  suppressesNotices: one.suppressesNotices && other.suppressesNotices,
  suppressesTickets: one.suppressesTickets && other.suppressesTickets,
});

/** Checked again then, because another window may continue. */
const firstToEnd = (one: Cover, other: Cover): Cover =>
  (other.untilMs ?? Infinity) < (one.untilMs ?? Infinity) ? other : one;
