import { AsyncLocalStorage } from "node:async_hooks";

import { sql, type SQL } from "drizzle-orm";

import type { FairPlaces } from "./fair-places";

/** A database handle, as far as this file knows it. */
interface Handle {
  execute(statement: SQL): PromiseLike<unknown>;
}

interface Pages {
  cancelBy: Handle;
  timeoutMs: number;
  /** Shared by the transactions of tenants; without, each takes a connection in the order that it came. */
  places?: FairPlaces;
}

/** Handles for pages: their statements are bounded, and end when the browser has gone. By another handle, see `cancel`. */
const pages = new WeakMap<object, Pages>();

export function markAsPages(db: Handle, how: Pages): void {
  pages.set(db, how);
}

/** For how long a statement of a page may work; undefined for a handle that is not for pages. */
export const pageTimeoutMs = (db: Handle): number | undefined => pages.get(db)?.timeoutMs;

interface Reader {
  signal: AbortSignal;
  /** Whose share of the connections it takes; the company's where nobody is named. */
  person?: string | undefined;
}

const readers = new AsyncLocalStorage<Reader>();

/**
 * Has the statements of pages that begin during `work` end when the signal says that nobody waits for them any more, and
 * take their turn with what else the person reads.
 */
export const endWith = <T>(signal: AbortSignal, work: () => T, person?: string): T =>
  readers.run({ signal, person }, work);

/** Set while work has a place, for what it begins. */
const holding = new AsyncLocalStorage<{ isOver: boolean }>();

/**
 * Does a transaction of a tenant when it is its turn on this handle. One that begins within another takes no further place,
 * because it could be waited for by all that have one.
 */
export async function inTurn<T>(db: Handle, tenantId: string, work: () => Promise<T>): Promise<T> {
  const places = pages.get(db)?.places;
  if (places === undefined || holding.getStore()?.isOver === false) return work();
  const { signal, person } = readers.getStore() ?? {};
  const held = { isOver: false };
  try {
    return await places.hold({ company: tenantId, person }, signal, () => holding.run(held, work));
  } finally {
    held.isOver = true;
  }
}

/** A transaction as the server knows it. */
export interface Backend extends Record<string, unknown> {
  pid: number;
  /** When its transaction began, to the microsecond: the same process serves others afterwards. */
  started: string;
}

/** Has the server end what a transaction is at when the request of the page is dropped. Returns what takes that back. */
export function cancelOnDrop(db: Handle, { pid, started }: Backend): () => void {
  const signal = readers.getStore()?.signal;
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
