import { RRuleTemporal } from "rrule-temporal";

import { DAY_MS } from "./durations";

/**
 * Recurrence rules (RFC 5545) over wall times. The library counts in UTC here, so that it finds each time as a clock
 * shows it, and `domain/wall-clock` finds its instant. On its own the library leaves out a time that daylight saving
 * skips, and a window would be missing on that night.
 */

const MAX_LENGTH = 200;

/** A rule repeats at most daily, because the window itself has the hours. */
const frequencies = ["DAILY", "WEEKLY", "MONTHLY", "YEARLY"] as const;
type Frequency = (typeof frequencies)[number];

/** The parts of a rule by their names, in capitals. */
export const ruleParts = (rule: string): Map<string, string> =>
  new Map(
    rule.split(";").map((part) => {
      const at = part.indexOf("=");
      return [part.slice(0, at).toUpperCase(), part.slice(at + 1).toUpperCase()];
    }),
  );

const REFUSED = ["BYHOUR", "BYMINUTE", "BYSECOND", "COUNT", "RSCALE", "SKIP"];

/** Why a text is not a valid rule for a window; null if it is. */
export function recurrenceProblem(rule: string): string | null {
  if (rule.length > MAX_LENGTH) return `Use at most ${MAX_LENGTH} characters.`;
  const parts = ruleParts(rule);
  if (!frequencies.includes(parts.get("FREQ") as Frequency))
    return "A rule begins with FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.";
  const refused = REFUSED.find((name) => parts.has(name));
  if (refused !== undefined) return `${refused} is not used here: the hours are those of the window.`;
  try {
    wallTimesBetween({ rule, firstWall: 0 }, 0, 400 * DAY_MS);
    return null;
  } catch {
    return "This is no recurrence rule (RRULE).";
  }
}

export interface RecurringTimes {
  rule: string;
  /** The first time, as milliseconds in UTC. */
  firstWall: number;
}

/** The times of a rule from one instant to another, both included; as milliseconds in UTC, like those. */
export function wallTimesBetween({ rule, firstWall }: RecurringTimes, from: number, to: number): number[] {
  const dtstart = `${new Date(firstWall).toISOString().slice(0, 19).replace(/[-:]/g, "")}Z`;
  const rrule = new RRuleTemporal({ rruleString: `DTSTART:${dtstart}\nRRULE:${rule}` });
  return rrule.between(new Date(from), new Date(to), true).map(({ epochMilliseconds }) => epochMilliseconds);
}

/** The same recurrence as if it had begun at least this many days earlier, at the same phase. */
export function begunEarlier({ rule, firstWall }: RecurringTimes, days: number): RecurringTimes {
  const parts = ruleParts(rule);
  const interval = Math.max(1, Number(parts.get("INTERVAL") ?? 1));
  const periods = (length: number) => Math.ceil(days / (length * interval)) * interval;
  const first = new Date(firstWall);
  switch (parts.get("FREQ")) {
    case "WEEKLY":
      return { rule, firstWall: firstWall - periods(7) * 7 * DAY_MS };
    case "MONTHLY":
      // From its first day: the rule names the days, and not every month has a 31st.
      first.setUTCDate(1);
      first.setUTCMonth(first.getUTCMonth() - periods(28));
      return { rule, firstWall: first.getTime() };
    case "YEARLY":
      return { rule, firstWall };
    default:
      return { rule, firstWall: firstWall - periods(1) * DAY_MS };
  }
}
