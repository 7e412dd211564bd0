import type { Db } from "@db/client";

/** How often what is watched is looked at: what is shown is never a second old. */
const LOOK_MS = 500;

type Listener<Value> = (value: Value) => void;

interface Feed<Value> {
  listeners: Set<Listener<Value>>;
  /** Undefined until the first look. */
  last: { value: Value; text: string } | undefined;
}

export interface WatchOptions<Value> {
  db: Db;
  /** Who watches the same thing has the same. */
  key: string;
  look(): Promise<Value>;
  /** A look failed: it is repeated. */
  onError(error: unknown): void;
}

/** Things that are watched, per database: one poller a thing, however many watch it. */
export function createWatched<Value>() {
  const feedsOf = new WeakMap<Db, Map<string, Feed<Value>>>();
  return {
    /**
     * Tells `listener` how the thing stands: once soon, and then whenever that has changed.
     * @returns ends it; with its last watcher a thing is looked at no more
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
        // Not before whoever watches holds what ends it.
        queueMicrotask(() => joined.listeners.has(listener) && listener(joined.last!.value));
      }
      const joined = feed;
      joined.listeners.add(listener);
      return () => {
        joined.listeners.delete(listener);
        if (joined.listeners.size === 0 && feeds.get(key) === joined) feeds.delete(key);
      };
    },

    /** How many things are looked at now. */
    count: (db: Db): number => feedsOf.get(db)?.size ?? 0,
  };
}

async function poll<Value>({ look, onError }: WatchOptions<Value>, feed: Feed<Value>): Promise<void> {
  // Not at once: whoever watches first is among the listeners by then.
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
