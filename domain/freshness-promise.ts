import { DAY_MS, HOUR_MS } from "./durations";

/** What a connection promises: that this share of its devices was confirmed within this many hours. */

export const promiseLimits = {
  /** Percent. 100 would allow no miss, and one omitted device would break it. */
  percent: { min: 50, max: 99, default: 95 },
  hours: { min: 1, max: 336 },
} as const;

/** Null means none: no promise, or hours that follow from the schedule. */
export const isAllowedPromise = (name: keyof typeof promiseLimits, value: number | null): boolean =>
  value === null ||
  (Number.isInteger(value) && value >= promiseLimits[name].min && value <= promiseLimits[name].max);

/** Milliseconds between two checks of the promise, at full five minutes. */
const SAMPLE_MS = 5 * 60_000;

/** Days over which the misses are added up. */
export const PROMISE_DAYS = 30;

/**
 * Hours within which devices must be confirmed: as a person chose, otherwise twice the interval of full syncs and at
 * least two hours.
 */
export const promisedHours = (connection: {
  promisedHours: number | null;
  fullSyncIntervalMinutes: number;
}): number =>
  connection.promisedHours ?? Math.max(2, Math.ceil((2 * connection.fullSyncIntervalMinutes) / 60));

export interface PromiseState {
  /** The last checked instant; null if there is none, or the promise was off since. */
  sampledAt: Date | null;
  /** Since when it is broken; null while it is kept. */
  brokenSince: Date | null;
  /** For a broken promise: since when it holds again, without a notice yet. */
  heldSince: Date | null;
}

export interface PromiseDay {
  /** Of UTC. */
  day: string;
  samples: number;
  /** Shares of devices that were not confirmed in time, summed over the samples. */
  missed: number;
  /** The shares that the promise allows, summed likewise. */
  allowed: number;
}

interface Known {
  percent: number;
  hours: number;
  state: PromiseState;
  now: Date;
  /** The instant before which ended runs have been deleted, so that earlier samples stay a gap. */
  knownSince: Date;
  /** When full syncs ended, oldest first. */
  fullSyncs: readonly Date[];
  /** The share of devices that were read one by one in time, as of now. */
  readShare: number;
}

export interface Sampled {
  days: PromiseDay[];
  state: PromiseState;
  /** The notice to send after all samples, compared with before. */
  tell: "freshness_broken" | "freshness_kept" | null;
}

/**
 * Checks every instant since the last check. Missed instants are filled in from the runs that ended; devices that were
 * read one by one count only as of now. A broken promise counts as kept again once it has held for longer than its
 * hours, so an account that misses it by minutes at every sync causes one notice.
 */
export function samplePromise({
  percent,
  hours,
  state,
  now,
  knownSince,
  fullSyncs,
  readShare,
}: Known): Sampled {
  const end = Math.floor(now.getTime() / SAMPLE_MS) * SAMPLE_MS;
  // A clock that was set back starts over, because otherwise nothing would be checked until it has caught up.
  const last = state.sampledAt === null || state.sampledAt > now ? null : state.sampledAt.getTime();
  const earliest = Math.max(knownSince.getTime(), now.getTime() - PROMISE_DAYS * DAY_MS);
  const begin = last === null ? end : Math.ceil(Math.max(last + SAMPLE_MS, earliest) / SAMPLE_MS) * SAMPLE_MS;
  const days = new Map<string, PromiseDay>();
  const ends = fullSyncs.map((at) => at.getTime());
  let { brokenSince, heldSince } = state;
  let next = 0;
  for (let at = begin; at <= end; at += SAMPLE_MS) {
    while (next < ends.length && ends[next]! <= at) next += 1;
    const isConfirmed = next > 0 && at - ends[next - 1]! <= hours * HOUR_MS;
    const share = isConfirmed ? 1 : at === end ? readShare : 0;
    addSample(days, at, 1 - share, (100 - percent) / 100);
    if (share * 100 < percent) {
      brokenSince ??= new Date(at);
      heldSince = null;
    } else if (brokenSince !== null) {
      heldSince ??= new Date(at);
      if (at - heldSince.getTime() > hours * HOUR_MS) brokenSince = heldSince = null;
    }
  }
  const wasBroken = state.brokenSince !== null;
  const isBroken = brokenSince !== null;
  return {
    days: [...days.values()],
    state: { sampledAt: new Date(end), brokenSince, heldSince },
    tell: wasBroken === isBroken ? null : isBroken ? "freshness_broken" : "freshness_kept",
  };
}

function addSample(days: Map<string, PromiseDay>, at: number, missed: number, allowed: number): void {
  const day = new Date(at).toISOString().slice(0, 10);
  const sum = days.get(day) ?? { day, samples: 0, missed: 0, allowed: 0 };
  days.set(day, {
    day,
    samples: sum.samples + 1,
    missed: sum.missed + missed,
    allowed: sum.allowed + allowed,
  });
}

/** How much of the allowed misses is used: 1 is all. Null if nothing was checked. */
export function budgetUsed(days: readonly Pick<PromiseDay, "missed" | "allowed">[]): number | null {
  const allowed = days.reduce((sum, day) => sum + day.allowed, 0);
  return allowed === 0 ? null : days.reduce((sum, day) => sum + day.missed, 0) / allowed;
}

/** A value for each of the last 30 days, oldest first; null for a day without data. */
export function lastDays(days: readonly PromiseDay[], now: Date): { day: string; kept: number | null }[] {
  const known = new Map(days.map((day) => [day.day, day]));
  return Array.from({ length: PROMISE_DAYS }, (_, n) => {
    const day = new Date(now.getTime() - (PROMISE_DAYS - 1 - n) * DAY_MS).toISOString().slice(0, 10);
    const sum = known.get(day);
    return { day, kept: sum === undefined ? null : 1 - sum.missed / sum.samples };
  });
}
