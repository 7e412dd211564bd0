const UNITS: [Intl.RelativeTimeFormatUnit, number][] = [
  ["year", 365 * 86_400],
  ["month", 30 * 86_400],
  ["week", 7 * 86_400],
  ["day", 86_400],
  ["hour", 3600],
  ["minute", 60],
];

const relative = new Intl.RelativeTimeFormat("en", { numeric: "always" });

/** "just now", "5 minutes ago", "in 2 hours". `now` in ms. */
export function formatRelative(date: Date, now: number): string {
  const seconds = (date.getTime() - now) / 1000;
  const size = Math.abs(seconds);
  for (const [unit, length] of UNITS) {
    if (size >= length) return relative.format(Math.trunc(seconds / length), unit);
  }
  return seconds > 5 ? "in a moment" : "just now";
}

const day = { day: "numeric", month: "short", year: "numeric" } as const;
const minute = { ...day, hour: "2-digit", minute: "2-digit" } as const;
const formats = { day, minute, second: { ...minute, second: "2-digit", timeZoneName: "short" } } as const;

/**
 * Formatters by format and zone, because creating one takes 50 µs and a page has hundreds of times. Limited in number,
 * because browsers name the zones.
 */
const formatters = new Map<string, Intl.DateTimeFormat>();
const MOST_FORMATTERS = 200;

function formatterOf(format: keyof typeof formats, timeZone: string): Intl.DateTimeFormat {
  const key = `${format} ${timeZone}`;
  let formatter = formatters.get(key);
  if (formatter === undefined) {
    formatter = new Intl.DateTimeFormat("en-GB", { timeZone, ...formats[format] });
    if (formatters.size >= MOST_FORMATTERS) formatters.clear();
    formatters.set(key, formatter);
  }
  return formatter;
}

/** "23 Nov 2026, 05:26:08 UTC" in the given zone. The short form lacks seconds and zone. */
export const formatDateTime = (date: Date, timeZone: string, options: { short?: boolean } = {}): string =>
  formatterOf(options.short ? "minute" : "second", timeZone).format(date);

/** "23 Nov 2026" in the given zone. */
export const formatDay = (date: Date, timeZone: string): string => formatterOf("day", timeZone).format(date);
