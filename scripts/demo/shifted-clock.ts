const DAY_MS = 24 * 60 * 60_000;

/** A clock that is behind by some days, and catches up. */
export interface ShiftedClock {
  now(): Date;
  /** By how many milliseconds it is ahead of the machine's, in memory that other threads share. */
  shift: Float64Array<SharedArrayBuffer>;
  /** Sets it to so many days ago. */
  setDaysAgo(days: number): void;
}

export function createShiftedClock(daysAgo: number): ShiftedClock {
  const shift = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  const setDaysAgo = (days: number) => {
    shift[0] = -days * DAY_MS;
  };
  setDaysAgo(daysAgo);
  return { shift, setDaysAgo, now: () => new Date(Date.now() + shift[0]!) };
}
