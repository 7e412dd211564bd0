export interface BackOff {
  /** The longest first wait, in ms; it doubles with each failure, up to `capMs`. */
  baseMs: number;
  capMs: number;
  /** The random share of each wait: 1 means anything from zero. Default: half. */
  jitter?: number;
}

/**
 * How long to wait after this many failures in a row, in ms. Random, so that callers who failed together do not retry
 * together.
 * @param random gives 0 ≤ x < 1
 */
export function backOffMs(failures: number, { baseMs, capMs, jitter = 0.5 }: BackOff, random = Math.random) {
  const ceiling = Math.min(capMs, baseMs * 2 ** (failures - 1));
  return Math.round(ceiling * (1 - jitter + jitter * random()));
}
