import { describeDataError, isDataError } from "@db/errors";

import type { Log } from "./ports";

export interface Batch {
  limit: number;
  /** How many rows at the beginning of the order to skip. */
  skip: number;
}

/**
 * Processes rows in batches, so that nothing waits long for it. If the database refuses a batch, it takes fewer and
 * fewer rows, down to the single one that is refused, which it skips and logs.
 * @param work takes rows in an order that stays, and returns how many it removed: less than `limit` when none are left
 * @returns how many in all
 */
export async function inBatches(
  log: Log,
  atMost: number,
  work: (batch: Batch) => Promise<number>,
): Promise<number> {
  let total = 0;
  let skip = 0;
  let limit = atMost;
  for (;;) {
    let done: number;
    try {
      done = await work({ limit, skip });
    } catch (error) {
      if (!isDataError(error)) throw error;
      if (limit === 1) {
        log.error({ error: describeDataError(error) }, "a row cannot be removed; it is passed over");
        skip++;
        limit = atMost;
      } else limit = Math.ceil(limit / 10);
      continue;
    }
    total += done;
    if (done < limit) return total;
  }
}
