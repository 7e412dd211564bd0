import { setTimeout as sleep } from "node:timers/promises";

import type postgres from "postgres";

import { backOffMs } from "../domain/exponential-wait";
import { hasNoSlot } from "./errors";

/** How long a statement waits for a server without a free connection slot. */
export interface SlotWait {
  /** The longest wait of one statement, in milliseconds. */
  waitMs: number;
  /** Called at each refusal, with the milliseconds until the next attempt. */
  onWait?: (retryMs: number) => void;
}

const backOff = { baseMs: 100, capMs: 2_000 };

/**
 * Wraps the driver's handle so that its statements and transactions wait, up to `waitMs`, while the server has no slot
 * for another connection. The server refused the connection before it received any of the statement, so repeating it is
 * safe.
 */
export function waitingForSlot(client: postgres.Sql, wait: SlotWait): postgres.Sql {
  return new Proxy(client, {
    get(target, name) {
      if (name === "begin")
        return (work: (tx: postgres.TransactionSql) => Promise<unknown>) => {
          let hasBegun = false;
          const begin = () =>
            target.begin((tx) => {
              hasBegun = true;
              return work(tx);
            });
          return retried(begin, wait, () => !hasBegun);
        };
      if (name === "unsafe")
        return (...query: Parameters<postgres.Sql["unsafe"]>) => {
          const rows = () => retried(async () => target.unsafe(...query), wait);
          return {
            then: (...handlers: Parameters<Promise<unknown>["then"]>) => rows().then(...handlers),
            values: () => retried(async () => target.unsafe(...query).values(), wait),
          };
        };
      return Reflect.get(target, name) as unknown;
    },
  });
}

async function retried<T>(
  work: () => Promise<T>,
  { waitMs, onWait }: SlotWait,
  mayRetry = () => true,
): Promise<T> {
  const until = performance.now() + waitMs;
  for (let failures = 1; ; failures++) {
    try {
      return await work();
    } catch (error) {
      const retryMs = backOffMs(failures, backOff);
      if (!hasNoSlot(error) || !mayRetry() || performance.now() + retryMs > until) throw error;
      onWait?.(retryMs);
      await sleep(retryMs);
    }
  }
}
