import { instantsOf } from "@domain/wall-clock";

/**
 * The first instant of a day and of the next day, in a time zone.
 * @param day as a date field sends it (2026-11-23)
 * @returns null if `day` is not a date
 */
export function dayBounds(day: string | null, timeZone: string): { start: Date; end: Date } | null {
  const match = /^(\d{4})-(\d{2})-(\d{2})$/.exec(day ?? "");
  if (match === null) return null;
  const utc = Date.UTC(Number(match[1]), Number(match[2]) - 1, Number(match[3]));
  if (Number.isNaN(utc) || new Date(utc).toISOString().slice(0, 10) !== day) return null;
  return {
    start: new Date(instantsOf(utc, timeZone).first),
    end: new Date(instantsOf(utc + 86_400_000, timeZone).first),
  };
}
