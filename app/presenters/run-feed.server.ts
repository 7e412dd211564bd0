import type { Db } from "@db/client";

import { readRunSummary, type RunSummary } from "./runs.server";

/** How often a run that is watched is looked at: what is shown is never a second old. */
const LOOK_MS = 500;

/** What a watcher is told: the run as it is now; null when there is none, or not any more. */
type Listener = (run: RunSummary | null) => void;

interface Feed {
  listeners: Set<Listener>;
  /** Undefined until the first look. */
  last: { run: RunSummary | null; text: string } | undefined;
}

/** The runs that are watched, per database: one poller a run, however many watch it. */
const feedsOf = new WeakMap<Db, Map<string, Feed>>();

export interface WatchOptions {
  db: Db;
  tenantId: string;
  runId: string;
  /** A look failed: it is repeated. */
  onError(error: unknown): void;
}

/**
 * Tells `listener` how the run stands: once soon, and then whenever that has changed.
 * @returns ends it; with its last watcher a run is looked at no more
 */
export function watchRun(options: WatchOptions, listener: Listener): () => void {
  const { db, tenantId, runId } = options;
  let feeds = feedsOf.get(db);
  if (feeds === undefined) feedsOf.set(db, (feeds = new Map()));
  const key = `${tenantId}/${runId}`;
  let feed = feeds.get(key);
  if (feed === undefined) {
    feeds.set(key, (feed = { listeners: new Set(), last: undefined }));
    void poll(options, feed);
  } else if (feed.last !== undefined) {
    listener(feed.last.run);
  }
  const joined = feed;
  joined.listeners.add(listener);
  return () => {
    joined.listeners.delete(listener);
    if (joined.listeners.size === 0 && feeds.get(key) === joined) feeds.delete(key);
  };
}

/** How many runs are looked at now. */
export const countWatched = (db: Db): number => feedsOf.get(db)?.size ?? 0;

async function poll({ db, tenantId, runId, onError }: WatchOptions, feed: Feed): Promise<void> {
  // Not at once: whoever watches first is among the listeners by then.
  await Promise.resolve();
  while (feed.listeners.size > 0) {
    try {
      const run = await readRunSummary(db, tenantId, runId);
      const text = JSON.stringify(run);
      if (text !== feed.last?.text) {
        feed.last = { run, text };
        for (const listener of [...feed.listeners]) listener(run);
      }
    } catch (error) {
      onError(error);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
  }
}
