import { Cron } from "croner";

/** A cron trigger of a function. */
export interface CronTrigger {
  functionId: string;
  /** As written, with its time zone. */
  expression: string;
  /** The first instant after `from`; null when there is none. */
  next(from: Date): Date | null;
}

/**
 * Reads a cron expression, with a leading `TZ=Area/City` if the local time of a place is meant and not UTC.
 * @throws when it is not one
 */
export function parseCron(functionId: string, expression: string): CronTrigger {
  const [, zone, pattern] = /^(?:(?:CRON_)?TZ=(\S+)\s+)?(.*)$/.exec(expression.trim())!;
  const cron = new Cron(pattern!, { paused: true, timezone: zone ?? "UTC" });
  return { functionId, expression, next: (from) => cron.nextRun(from) };
}
