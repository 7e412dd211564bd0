import { backOffMs } from "@domain/exponential-wait";

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
  w: 604_800_000,
};

/**
 * Reads a time string of the protocol, such as "90s" or "1h30m", as milliseconds.
 * @throws RangeError when it is not one
 */
export function durationMs(text: string): number {
  let total = 0;
  const rest = text
    .trim()
    .replace(/(?<!\d)(\d+(?:\.\d+)?)\s*(ns|us|µs|ms|s|m|h|d|w)/g, (_, amount: string, unit: string) => {
      total += Number(amount) * unitMs[unit]!;
      return "";
    });
  if (text.trim() === "" || rest.trim() !== "")
    throw new RangeError(`${JSON.stringify(text)} is not a time string`);
  return total;
}

/**
 * When a wait ends: after a time string, or at an ISO instant.
 * @throws RangeError when it is neither
 */
export function waitEnds(text: string, now: Date): Date {
  if (!/^\d{4}-/.test(text)) return new Date(now.getTime() + durationMs(text));
  const instant = new Date(text);
  if (Number.isNaN(instant.getTime())) throw new RangeError(`${JSON.stringify(text)} is not an instant`);
  return instant;
}

/** A sixth of it is random: from 10 s to 12 s at first. */
const backOff = { baseMs: 12_000, capMs: 720_000, jitter: 1 / 6 };

/** How long to wait before the next attempt: 10 s, 20 s, 40 s … up to 10 minutes, each with up to a fifth added. */
export const retryDelayMs = (failedAttempts: number): number => backOffMs(failedAttempts, backOff);

/** Reads `Retry-After`: seconds, an ISO instant or an HTTP date. Undefined when it is absent or unreadable. */
export function retryAfter(header: string | null, now: Date): Date | undefined {
  if (header === null) return undefined;
  const instant = /^\d+(\.\d+)?$/.test(header.trim())
    ? new Date(now.getTime() + Number(header) * 1_000)
    : new Date(header);
  return Number.isNaN(instant.getTime()) ? undefined : instant;
}
