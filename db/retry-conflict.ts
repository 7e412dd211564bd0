import { setTimeout as sleep } from "node:timers/promises";

import { backOffMs } from "../domain/exponential-wait";
import { isConflict } from "./errors";

const MAX_TRIES = 5;
const backOff = { baseMs: 100, capMs: 500, jitter: 1 };

/**
 * Runs a transaction up to `MAX_TRIES` times while it conflicts with others (`isConflict`). Waits a random time in
 * between, because two transactions that wait equally long would conflict again.
 * @throws the error of the last attempt, or the first one that is no conflict
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
