import { AsyncLocalStorage } from "node:async_hooks";

import { sql, type SQL } from "drizzle-orm";

/** A database handle, as far as this file knows it. */
interface Handle {
  execute(statement: SQL): PromiseLike<unknown>;
}

/** Handles for pages: their statements are bounded, and end when the browser has gone. By another handle, see `cancel`. */
const pages = new WeakMap<object, { cancelBy: Handle; timeoutMs: number }>();

export function markAsPages(db: Handle, how: { cancelBy: Handle; timeoutMs: number }): void {
  pages.set(db, how);
}

/** For how long a statement of a page may work; undefined for a handle that is not for pages. */
export const pageTimeoutMs = (db: Handle): number | undefined => pages.get(db)?.timeoutMs;

const requests = new AsyncLocalStorage<AbortSignal>();

/** Has the statements of pages that begin during `work` end when the signal says that nobody waits for them any more. */
export const endWith = <T>(signal: AbortSignal, work: () => T): T => requests.run(signal, work);

/** A transaction as the server knows it. */
export interface Backend extends Record<string, unknown> {
  pid: number;
  /** When its transaction began, to the microsecond: the same process serves others afterwards. */
  started: string;
}

/** Has the server end what a transaction is at when the request of the page is dropped. Returns what takes that back. */
export function cancelOnDrop(db: Handle, { pid, started }: Backend): () => void {
  const signal = requests.getStore();
  const page = pages.get(db);
  if (signal === undefined || page === undefined) return () => {};
  const cancel = () =>
    void page.cancelBy
      .execute(
        sql`select pg_cancel_backend(pid) from pg_stat_activity
            where pid = ${pid} and xact_start = ${started}::timestamptz and state = 'active'`,
      )
      // A statement that cannot be cancelled ends at its time-out at the latest.
      .then(undefined, () => {});
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel);
  return () => signal.removeEventListener("abort", cancel);
}
