export interface BackOff {
  /** The longest first wait, in ms; it doubles with each failure, up to `capMs`. */
  baseMs: number;
  capMs: number;
  /** Which share of each wait is random: 1 for anything from nothing on. By default half of it. */
  jitter?: number;
}

/**
 * How long to wait after so many failures in a row, in ms. Random, so that callers who failed together do not come back
 * together.
 * @param random gives 0 ≤ x < 1
 */
export function backOffMs(failures: number, { baseMs, capMs, jitter = 0.5 }: BackOff, random = Math.random) {
  const ceiling = Math.min(capMs, baseMs * 2 ** (failures - 1));
  return Math.round(ceiling * (1 - jitter + jitter * random()));
}
