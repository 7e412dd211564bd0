import { AsyncLocalStorage } from "node:async_hooks";

import { sql, type SQL } from "drizzle-orm";

import type { FairPlaces } from "./fair-places";

/** The part of a database handle that this file uses. */
interface Handle {
  execute(statement: SQL): PromiseLike<unknown>;
}

interface Pages {
  cancelBy: Handle;
  timeoutMs: number;
  /** Shared by all tenants' transactions. Absent: each transaction takes a connection in the order of its request. */
  places?: FairPlaces;
}

/**
 * The handles for pages. Their statements have a time limit, and `cancelBy`, another handle, cancels them when the
 * browser disconnects.
 */
const pages = new WeakMap<object, Pages>();

/** Makes a handle one for pages: `withTenant` on it limits, queues and cancels statements as `how` says. */
export function markAsPages(db: Handle, how: Pages): void {
  pages.set(db, how);
}

/** The time limit of a page's statement, in milliseconds; undefined for a handle that is not for pages. */
export const pageTimeoutMs = (db: Handle): number | undefined => pages.get(db)?.timeoutMs;

interface Reader {
  signal: AbortSignal;
  /** The person whose share of the connections the statements count for. Absent: only the company's share. */
  person?: string | undefined;
}

const readers = new AsyncLocalStorage<Reader>();

/**
 * Cancels the page statements that begin during `work` when the signal aborts, because then nobody waits for them. They
 * share the places of `person` with everything else that this person reads.
 */
export const endWith = <T>(signal: AbortSignal, work: () => T, person?: string): T =>
  readers.run({ signal, person }, work);

/** Set while a transaction holds a place, for everything that it begins. */
const holding = new AsyncLocalStorage<{ isOver: boolean }>();

/**
 * Does the transaction of a tenant once the tenant and the person have a free place on this handle. A transaction
 * within another one takes no second place: all holders of places could wait for one.
 * @throws LeftBeforeTurnError if the signal of `endWith` aborts before there is a place
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

/** Identifies a running transaction on the server. */
export interface Backend extends Record<string, unknown> {
  pid: number;
  /** When its transaction began, to the microsecond: the same server process runs other transactions afterwards. */
  started: string;
}

/**
 * Cancels the running statement of a transaction when the browser drops the request. Returns a function that stops
 * watching the request.
 */
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
      // If the cancellation fails, the statement's time limit ends it.
      .then(undefined, () => {});
  if (signal.aborted) cancel();
  signal.addEventListener("abort", cancel);
  return () => signal.removeEventListener("abort", cancel);
}
