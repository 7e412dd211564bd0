import { withTenant, type Db } from "@db/client";
import { endWith } from "@db/page-statements";
import { readChangeMarks } from "@db/queries/shared/change-marks";
import { topics, type Topic } from "@domain/topics";

/**
 * Milliseconds between two looks at a tenant: a change is reported at the next look, together with all others since the
 * last.
 */
const LOOK_MS = 500;

export interface ChangeListener {
  /** Called when the initial state has been read: every change after that is reported. */
  onBegin(): void;
  onChange(changed: Topic[]): void;
}

interface Watch {
  listeners: Set<ChangeListener>;
  /** Undefined before the first look. */
  marks: Record<Topic, string> | undefined;
}

const watchesOf = new WeakMap<Db, Map<string, Watch>>();

/**
 * Reports the topics that change for a tenant. One look in each half second serves all its listeners; a tenant without
 * listeners costs nothing.
 * @param onError called when a look failed; the next look follows as usual
 * @returns a function that stops the reports
 */
export function watchChanges(
  db: Db,
  tenantId: string,
  listener: ChangeListener,
  onError: (error: unknown) => void,
): () => void {
  let watches = watchesOf.get(db);
  if (watches === undefined) watchesOf.set(db, (watches = new Map<string, Watch>()));
  const known = watches.get(tenantId);
  const watch: Watch = known ?? { listeners: new Set(), marks: undefined };
  watch.listeners.add(listener);
  if (known === undefined) {
    watches.set(tenantId, watch);
    // The looks continue for the other listeners after the reader whose request began them has left.
    void endWith(new AbortController().signal, () => look(db, tenantId, watch, onError));
  } else if (watch.marks !== undefined) {
    // Deferred, so that the caller already has the function that stops it.
    queueMicrotask(() => watch.listeners.has(listener) && listener.onBegin());
  }
  return () => {
    watch.listeners.delete(listener);
    if (watch.listeners.size === 0 && watches.get(tenantId) === watch) watches.delete(tenantId);
  };
}

async function look(db: Db, tenantId: string, watch: Watch, onError: (error: unknown) => void) {
  while (watch.listeners.size > 0) {
    try {
      const marks = await withTenant(db, tenantId, (tx) => readChangeMarks(tx, tenantId));
      const before = watch.marks;
      watch.marks = marks;
      const changed = topics.filter((topic) => marks[topic] !== before?.[topic]);
      for (const listener of [...watch.listeners]) {
        if (before === undefined) listener.onBegin();
        else if (changed.length > 0) listener.onChange(changed);
      }
    } catch (error) {
      onError(error);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
  }
}

/** The number of tenants that are watched now. */
export const countWatchedTenants = (db: Db): number => watchesOf.get(db)?.size ?? 0;
