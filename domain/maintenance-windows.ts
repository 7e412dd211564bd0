import { meets, type AlertConditions, type ConditionDevice, type ConditionSubject } from "./alert-conditions";
import { DAY_MS } from "./durations";
import { begunEarlier, wallTimesBetween } from "./recurrence";
import { instantsOf, parseWallTime } from "./wall-clock";

/**
 * Maintenance windows. A window stands on the clock on the wall: one from 22:00 to 04:00 lasts five or seven hours on a
 * night when the clock is changed.
 */

/** When a window is, in the tenant's time zone. */
export interface WindowTimes {
  /** The first time: `2026-11-28T22:00`. */
  startsAt: string;
  endsAt: string;
  /** RRULE by which it comes again; null for a window that is once. */
  rule: string | null;
}

export interface WindowSpan {
  startMs: number;
  endMs: number;
}

/** No window is longer: what nobody hears of for a week is no maintenance any more, and occurrences stay few. */
export const MAX_WINDOW_MS = 7 * 86_400_000;

/**
 * The times of a window that touch a stretch, in order. A start that the clock shows twice is the first, an end the last;
 * what the clock leaves out is the instant of its change. Where nothing would be left, it keeps its length.
 * @param isAlways counts as if a recurring window had always been there
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

/** The next time of a window from an instant on, or the one that lasts then; null if there is none within a year. */
export function nextOccurrence(times: WindowTimes, timeZone: string, nowMs: number): WindowSpan | null {
  for (const days of [35, 366]) {
    const found = occurrencesBetween(times, timeZone, { fromMs: nowMs, toMs: nowMs + days * DAY_MS });
    if (found[0] !== undefined) return found[0];
  }
  return null;
}

/** A window with its times around now. */
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

/** What maintenance makes of an incident. */
export interface Cover {
  suppressesNotices: boolean;
  suppressesTickets: boolean;
  /** The window; null for the RMM's own maintenance mode. */
  windowId: string | null;
  /** When it ends and is looked at again; null while only the RMM knows. */
  untilMs: number | null;
}

/**
 * What maintenance covers of an incident: everything that it is about has to be covered. An alert is covered by a window
 * that meets it and in which it began, as long as the window lasts; what began before has been reported and is not taken
 * back. An alert that was over before it became known is covered by the window in which it began, though that has ended.
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

/** Of one device, what any window suppresses is suppressed. */
const either = (one: Cover, other: Cover): Cover => ({
  ...firstToEnd(one, other),
  suppressesNotices: one.suppressesNotices || other.suppressesNotices,
  suppressesTickets: one.suppressesTickets || other.suppressesTickets,
});

/** Of several devices, what is suppressed for all is suppressed. */
const both = (one: Cover, other: Cover): Cover => ({
  ...firstToEnd(one, other),
  suppressesNotices: one.suppressesNotices && other.suppressesNotices,
  suppressesTickets: one.suppressesTickets && other.suppressesTickets,
});

/** Then it is looked at again: another window may go on. */
const firstToEnd = (one: Cover, other: Cover): Cover =>
  (other.untilMs ?? Infinity) < (one.untilMs ?? Infinity) ? other : one;
