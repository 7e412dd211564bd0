import { ruleParts } from "./recurrence";
import { parseWallTime } from "./wall-clock";

/** How a window repeats, as its form offers it; any other rule is written as RRULE. */

export const repeatKinds = ["never", "daily", "weekly", "monthly_day", "monthly_weekday", "custom"] as const;
export type RepeatKind = (typeof repeatKinds)[number];

export const weekdays = ["MO", "TU", "WE", "TH", "FR", "SA", "SU"] as const;
export type Weekday = (typeof weekdays)[number];

export const weekdayNames: Record<Weekday, string> = {
  MO: "Monday",
  TU: "Tuesday",
  WE: "Wednesday",
  TH: "Thursday",
  FR: "Friday",
  SA: "Saturday",
  SU: "Sunday",
};

export interface Repeat {
  kind: RepeatKind;
  /** Every this many days, weeks or months. */
  every: number;
  days: Weekday[];
  /** The last day, `2026-12-31`; empty for none. */
  until: string;
  custom: string;
}

export const onceOnly: Repeat = { kind: "never", every: 1, days: [], until: "", custom: "" };

const dayOf = (wall: number): Weekday => weekdays[(new Date(wall).getUTCDay() + 6) % 7]!;

/** The number of a weekday within its month: 1 to 4, -1 for the last if it is a fifth. */
function placeOf(wall: number): number {
  const place = Math.ceil(new Date(wall).getUTCDate() / 7);
  return place === 5 ? -1 : place;
}

/** The rule of a repetition that begins at a time; null for a single window. */
export function ruleOf(repeat: Repeat, startsAt: string): string | null {
  const start = parseWallTime(startsAt) ?? 0;
  const { kind, every, until } = repeat;
  if (kind === "never") return null;
  if (kind === "custom") return repeat.custom.trim().replace(/^RRULE:/i, "");
  const tail = [
    ...(every > 1 ? [`INTERVAL=${every}`] : []),
    ...(kind === "weekly" ? [`BYDAY=${daysOf(repeat, start).join(",")}`] : []),
    ...(kind === "monthly_day" ? [`BYMONTHDAY=${new Date(start).getUTCDate()}`] : []),
    ...(kind === "monthly_weekday" ? [`BYDAY=${placeOf(start)}${dayOf(start)}`] : []),
    ...(until === "" ? [] : [`UNTIL=${until.replaceAll("-", "")}T235959Z`]),
  ];
  const freq = kind === "daily" ? "DAILY" : kind === "weekly" ? "WEEKLY" : "MONTHLY";
  return [`FREQ=${freq}`, ...tail].join(";");
}

const daysOf = ({ days }: Repeat, start: number): Weekday[] =>
  days.length === 0 ? [dayOf(start)] : weekdays.filter((day) => days.includes(day));

/** A rule as the form shows it; one that the form cannot make is written as RRULE. */
export function repeatOf(rule: string | null, startsAt: string): Repeat {
  if (rule === null) return onceOnly;
  const parts = ruleParts(rule);
  const until = /^(\d{4})(\d{2})(\d{2})T235959Z$/.exec(parts.get("UNTIL") ?? "");
  const days = weekdays.filter((day) => (parts.get("BYDAY") ?? "").split(",").includes(day));
  const told = {
    every: Number(parts.get("INTERVAL") ?? 1),
    days,
    until: until === null ? "" : until.slice(1).join("-"),
    custom: "",
  };
  const kinds = ["daily", "weekly", "monthly_day", "monthly_weekday"] as const;
  const kind = kinds.find((one) => ruleOf({ ...told, kind: one }, startsAt) === rule);
  return kind === undefined ? { ...onceOnly, kind: "custom", custom: rule } : { ...told, kind };
}

const places: Record<number, string> = { 1: "first", 2: "second", 3: "third", 4: "fourth", [-1]: "last" };

const every = (n: number, unit: string): string => (n === 1 ? `every ${unit}` : `every ${n} ${unit}s`);

/** When a window occurs, in words: "every 2 weeks on Saturday, 22:00 to 02:00". */
export function timesText({
  startsAt,
  endsAt,
  rule,
}: {
  startsAt: string;
  endsAt: string;
  rule: string | null;
}): string {
  const start = parseWallTime(startsAt) ?? 0;
  const hours = `${startsAt.slice(11)} to ${endsAt.slice(11)}`;
  const repeat = repeatOf(rule, startsAt);
  const until = repeat.until === "" ? "" : `, until ${dayText(repeat.until)}`;
  const n = repeat.every;
  switch (repeat.kind) {
    case "never":
      return startsAt.slice(0, 10) === endsAt.slice(0, 10)
        ? `${dayText(startsAt)}, ${hours}`
        : `${dayText(startsAt)}, ${startsAt.slice(11)} to ${dayText(endsAt)}, ${endsAt.slice(11)}`;
    case "daily":
      return `${every(n, "day")}, ${hours}${until}`;
    case "weekly":
      return `${every(n, "week")} on ${daysOf(repeat, start)
        .map((day) => weekdayNames[day])
        .join(", ")}, ${hours}${until}`;
    case "monthly_day":
      return `${every(n, "month")} on day ${new Date(start).getUTCDate()}, ${hours}${until}`;
    case "monthly_weekday":
      return `${every(n, "month")} on the ${places[placeOf(start)]} ${weekdayNames[dayOf(start)]}, ${hours}${until}`;
    case "custom":
      return `${repeat.custom}, ${hours}`;
  }
}

const dayFormat = new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeZone: "UTC" });

const dayText = (day: string): string => dayFormat.format(parseWallTime(`${day.slice(0, 10)}T00:00`) ?? 0);
