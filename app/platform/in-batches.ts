import { describeDataError, isDataError } from "@db/errors";

import type { Log } from "./ports";

export interface Batch {
  limit: number;
  /** The number of rows at the beginning of the order to skip. */
  skip: number;
}

/**
 * Processes rows in batches, so that nothing waits long for the locks of one. If the database refuses a batch, tries a
 * tenth of it, and so on down to the single row that is refused, which it skips and logs.
 * @param work processes up to `limit` rows in a stable order and returns how many it removed: fewer than `limit` if
 * none are left
 * @returns how many rows were processed in all
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
