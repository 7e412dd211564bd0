/**
 * A provider's event about a device or group is a refresh request: the device or group is read again by id. For many
 * requests at once one sweep is cheaper, and leaves more of the account's rate limit to others.
 */

/** Milliseconds within which requests are counted together. */
export const REFRESH_WINDOW_MS = 60_000;

/** Requests for reading one device: the device, and its updates. */
const REQUESTS_A_DEVICE = 2;
/** Below this many devices a sweep is not worth it, however small the account. */
const MIN_DEVICES = 50;
/** Refreshes may use at most 500 requests a minute of the account's limit, however large the account. */
const MAX_DEVICES = 250;

/**
 * How many devices of an account are read by id within the window: as many as cost no more requests than a full sync.
 * If more are requested, one full sync follows.
 * @param sweepRequests number that the last full sync made; null if there was none
 */
export const devicesByIdAtMost = (sweepRequests: number | null): number =>
  Math.min(MAX_DEVICES, Math.max(MIN_DEVICES, Math.floor((sweepRequests ?? 0) / REQUESTS_A_DEVICE)));

/** How many groups of an account are read by id within the window. One page of their list has a hundred. */
export const GROUPS_BY_ID_AT_MOST = 10;

/**
 * Milliseconds; refresh requests start a full sync at the earliest this long after the last one, so that a busy account
 * is not read all the time.
 */
export const SWEEP_REST_MS = 5 * 60_000;
