import { Cron } from "croner";

/** A cron trigger of a function. */
export interface CronTrigger {
  functionId: string;
  /** The expression as written, with its time zone. */
  expression: string;
  /** The first time after `from`; null if there is none. */
  next(from: Date): Date | null;
}

/**
 * Parses a cron expression; a leading `TZ=Area/City` means local time instead of UTC.
 * @throws Error if it is invalid
 */
export function parseCron(functionId: string, expression: string): CronTrigger {
  const [, zone, pattern] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/.exec(expression.trim())!;
  const cron = new Cron(pattern!, { paused: true, timezone: zone ?? "UTC" });
  return { functionId, expression, next: (from) => cron.nextRun(from) };
}
