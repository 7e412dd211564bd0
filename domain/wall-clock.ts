import { DAY_MS } from "./durations";

/** Wall-clock times in a time zone, and the instants that they are. */

/** `2026-11-28T22:00`: what a `datetime-local` field sends. */
export type WallTime = string;

const formats = new Map<string, Intl.DateTimeFormat>();

function formatOf(timeZone: string): Intl.DateTimeFormat {
  const known = formats.get(timeZone);
  if (known !== undefined) return known;
  const made = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "numeric",
    minute: "numeric",
    second: "numeric",
  });
  formats.set(timeZone, made);
  return made;
}

/** The time that a clock in the zone shows at an instant, as the milliseconds that this would be in UTC. */
export function wallMs(instantMs: number, timeZone: string): number {
  const parts = formatOf(timeZone).formatToParts(instantMs);
  const part = (type: string) => Number(parts.find((candidate) => candidate.type === type)?.value);
  return Date.UTC(part("year"), part("month") - 1, part("day"), part("hour"), part("minute"), part("second"));
}

/**
 * The instants at which a clock in the zone shows a time. If the clock is set back it shows it twice; if it skips the
 * time, both are the instant of the change.
 * @param wall as milliseconds in UTC
 */
export function instantsOf(wall: number, timeZone: string): { first: number; last: number } {
  const before = wallMs(wall - DAY_MS, timeZone) - (wall - DAY_MS);
  const after = wallMs(wall + DAY_MS, timeZone) - (wall + DAY_MS);
  const found = [wall - before, wall - after].filter((instant) => wallMs(instant, timeZone) === wall);
  if (found.length > 0) return { first: Math.min(...found), last: Math.max(...found) };
  const jump = jumpBetween(wall - Math.max(before, after), wall - Math.min(before, after), wall, timeZone);
  return { first: jump, last: jump };
}

/** The first instant, to the second, at which the clock is past a time that it skips. */
function jumpBetween(fromMs: number, toMs: number, wall: number, timeZone: string): number {
  let [low, high] = [Math.floor(fromMs / 1_000), Math.ceil(toMs / 1_000)];
  while (low < high) {
    const middle = Math.floor((low + high) / 2);
    if (wallMs(middle * 1_000, timeZone) >= wall) high = middle;
    else low = middle + 1;
  }
  return low * 1_000;
}

const WALL_TIME = /^(\d{4})-(\d{2})-(\d{2})T(\d{2}):(\d{2})$/;

/** A wall time as milliseconds in UTC; null if the text is not one. */
export function parseWallTime(text: string): number | null {
  if (!WALL_TIME.test(text)) return null;
  const ms = Date.parse(`${text}:00Z`);
  return Number.isNaN(ms) || wallTimeOf(ms) !== text ? null : ms;
}

/** The wall time of milliseconds that `parseWallTime` gives. */
export const wallTimeOf = (ms: number): WallTime => new Date(ms).toISOString().slice(0, 16);

/** Whether the runtime knows the time zone. */
export function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: name }).resolvedOptions().timeZone !== "";
  } catch {
    return false;
  }
}
