import { DAY_MS, HOUR_MS } from "./durations";

/** What a connection promises of its devices: that such a share of them was confirmed within so many hours. */

export const promiseLimits = {
  /** In percent. A promise of all devices would allow no miss, and one device that is left out would break it. */
  percent: { min: 50, max: 99, default: 95 },
  hours: { min: 1, max: 336 },
} as const;

/** Null stands for none: no promise, or the hours that follow from the schedule. */
export const isAllowedPromise = (name: keyof typeof promiseLimits, value: number | null): boolean =>
  value === null ||
  (Number.isInteger(value) && value >= promiseLimits[name].min && value <= promiseLimits[name].max);

/** Whether the promise is kept is looked at so often, at full five minutes of the clock. */
const SAMPLE_MS = 5 * 60_000;

/** For so many days the misses are added up. */
export const PROMISE_DAYS = 30;

/** Within how many hours devices are to be confirmed: as a person chose, or two syncs' time and at least two hours. */
export const promisedHours = (connection: {
  promisedHours: number | null;
  fullSyncIntervalMinutes: number;
}): number =>
  connection.promisedHours ?? Math.max(2, Math.ceil((2 * connection.fullSyncIntervalMinutes) / 60));

export interface PromiseState {
  /** The last instant that was looked at; null where none was, or the promise was off since. */
  sampledAt: Date | null;
  /** Since when it is broken; null while it is kept. */
  brokenSince: Date | null;
  /** Of a broken one: since when it holds again, which is not told yet. */
  heldSince: Date | null;
}

export interface PromiseDay {
  /** Of UTC. */
  day: string;
  samples: number;
  /** Shares of devices that were not confirmed in time, added up over the samples. */
  missed: number;
  /** The same of what the promise allows. */
  allowed: number;
}

interface Known {
  percent: number;
  hours: number;
  state: PromiseState;
  now: Date;
  /** Runs that ended before are not known any more, so nothing is said of the time before. */
  knownSince: Date;
  /** When full syncs ended, the oldest first. */
  fullSyncs: readonly Date[];
  /** The share of the devices that were read one by one in time, up to now. */
  readShare: number;
}

export interface Sampled {
  days: PromiseDay[];
  state: PromiseState;
  /** What people are told: at the end of all samples, compared with before. */
  tell: "freshness_broken" | "freshness_kept" | null;
}

/**
 * Looks at every instant since the last look. One that was missed is made up for from the runs that ended; devices that
 * were read one by one count now alone. A broken promise counts as kept again when it has held for longer than it
 * promises: an account that misses it by minutes at every sync is told of once.
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
  // A clock that was set back begins anew: otherwise nothing would be looked at until it has caught up.
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

/** How much of the allowed misses is used: 1 is all of them. Null where nothing was looked at. */
export function budgetUsed(days: readonly Pick<PromiseDay, "missed" | "allowed">[]): number | null {
  const allowed = days.reduce((sum, day) => sum + day.allowed, 0);
  return allowed === 0 ? null : days.reduce((sum, day) => sum + day.missed, 0) / allowed;
}

/** A value for each of the last 30 days, the oldest first; null for a day of which nothing is known. */
export function lastDays(days: readonly PromiseDay[], now: Date): { day: string; kept: number | null }[] {
  const known = new Map(days.map((day) => [day.day, day]));
  return Array.from({ length: PROMISE_DAYS }, (_, n) => {
    const day = new Date(now.getTime() - (PROMISE_DAYS - 1 - n) * DAY_MS).toISOString().slice(0, 10);
    const sum = known.get(day);
    return { day, kept: sum === undefined ? null : 1 - sum.missed / sum.samples };
  });
}
