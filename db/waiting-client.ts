import { setTimeout as sleep } from "node:timers/promises";

import type postgres from "postgres";

import { backOffMs } from "../domain/exponential-wait";
import { hasNoSlot } from "./errors";

export interface SlotWait {
  /** For how long a statement waits for a connection that the server refuses for want of slots. */
  waitMs: number;
  /** Called at each refusal, with the time until the next try. */
  onWait?: (retryMs: number) => void;
}

const backOff = { baseMs: 100, capMs: 2_000 };

/**
 * The driver's handle, whose statements and transactions wait, bounded, where the server has no slot for another
 * connection. Nothing of them was sent by then, so they can be sent again.
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
