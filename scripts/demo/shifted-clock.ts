import { DAY_MS } from "@domain/durations";

/** A clock that starts some days behind and can be moved forward. */
export interface ShiftedClock {
  now(): Date;
  /** Offset from the machine's clock in milliseconds, negative for the past, in memory that other threads share. */
  shift: Float64Array<SharedArrayBuffer>;
  /** Sets the clock to this many days before today. */
  setDaysAgo(days: number): void;
}

/** Creates a clock that is `daysAgo` days behind this machine's. */
export function createShiftedClock(daysAgo: number): ShiftedClock {
  const shift = new Float64Array(new SharedArrayBuffer(Float64Array.BYTES_PER_ELEMENT));
  const setDaysAgo = (days: number) => {
    shift[0] = -days * DAY_MS;
  };
  setDaysAgo(daysAgo);
  return { shift, setDaysAgo, now: () => new Date(Date.now() + shift[0]!) };
}
