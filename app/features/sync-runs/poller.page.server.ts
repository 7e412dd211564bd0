import type { Db } from "@db/client";

/** Milliseconds between polls: what is shown is at most a second old. */
const LOOK_MS = 500;

type Listener<Value> = (value: Value) => void;

interface Feed<Value> {
  listeners: Set<Listener<Value>>;
  /** Undefined before the first poll. */
  last: { value: Value; text: string } | undefined;
}

export interface WatchOptions<Value> {
  db: Db;
  /** Watchers of the same thing share it. */
  key: string;
  look(): Promise<Value>;
  /** A look failed: it is repeated. */
  onError(error: unknown): void;
}

/** Watched things, per database: one poller per thing for any number of watchers. */
export function createWatched<Value>() {
  const feedsOf = new WeakMap<Db, Map<string, Feed<Value>>>();
  return {
    /**
     * Calls `listener` with the thing's state: once soon, then whenever it changes.
     * @returns a function that stops it; a thing without watchers is no longer polled
     */
    watch(options: WatchOptions<Value>, listener: Listener<Value>): () => void {
      const { db, key } = options;
      let feeds = feedsOf.get(db);
      if (feeds === undefined) feedsOf.set(db, (feeds = new Map<string, Feed<Value>>()));
      let feed = feeds.get(key);
      if (feed === undefined) {
        feeds.set(key, (feed = { listeners: new Set(), last: undefined }));
        void poll(options, feed);
      } else if (feed.last !== undefined) {
        // Deferred, so that the caller already has the function that stops it.
        queueMicrotask(() => joined.listeners.has(listener) && listener(joined.last!.value));
      }
      const joined = feed;
      joined.listeners.add(listener);
      return () => {
        joined.listeners.delete(listener);
        if (joined.listeners.size === 0 && feeds.get(key) === joined) feeds.delete(key);
      };
    },

    /** How many things are polled now. */
    count: (db: Db): number => feedsOf.get(db)?.size ?? 0,
  };
}

async function poll<Value>({ look, onError }: WatchOptions<Value>, feed: Feed<Value>): Promise<void> {
  // Deferred, so that the first watcher is among the listeners.
  await Promise.resolve();
  while (feed.listeners.size > 0) {
    try {
      const value = await look();
      const text = JSON.stringify(value);
      if (text !== feed.last?.text) {
        feed.last = { value, text };
        for (const listener of [...feed.listeners]) listener(value);
      }
    } catch (error) {
      onError(error);
    }
    await new Promise((resolve) => setTimeout(resolve, LOOK_MS).unref());
  }
}
