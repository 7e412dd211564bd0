import { setTimeout as sleep } from "node:timers/promises";

import { backOffMs } from "../domain/exponential-wait";
import { isConflict } from "./errors";

const MAX_TRIES = 5;
const backOff = { baseMs: 100, capMs: 500, jitter: 1 };

/**
 * Repeats a transaction that conflicted with another one, after a random wait: two that wait equally long would
 * conflict again.
 * @throws what the last try throws
 */
export async function retryConflict<T>(transact: () => Promise<T>): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await transact();
    } catch (error) {
      if (!isConflict(error) || tries === MAX_TRIES) throw error;
      await sleep(backOffMs(tries, backOff));
    }
  }
}
