import { useEffect, useState } from "react";

import { isInFlight } from "~/ui/labels";
import { listenInView } from "~/ui/live/stream-in-view";

import type { ShownRun } from "./run-figures";

interface RunUpdate {
  run: ShownRun;
  /** The server's time, in ms. */
  now: number;
}

export interface RunFeed {
  /** The last update of each run, by its id. */
  updates: Readonly<Record<string, RunUpdate>>;
  /** Whether updates arrive by stream; while false, poll. */
  isFlowing: boolean;
}

/** Follows active runs with one stream for all, while the page is in view. */
export function useRunFeed(runIds: string[]): RunFeed {
  const [updates, setUpdates] = useState<Record<string, RunUpdate>>({});
  const [isFlowing, setFlowing] = useState(false);
  const key = runIds.join();

  useEffect(() => {
    if (key === "" || typeof EventSource === "undefined") return;
    return listenInView(() => {
      const ids = key.split(",");
      const underWay = new Set(ids);
      return {
        url: `/runs/events?${new URLSearchParams(ids.map((id) => ["run", id]))}`,
        on: {
          run: (event, end) => {
            const news = JSON.parse(event.data) as RunUpdate;
            setUpdates((before) => ({ ...before, [news.run.id]: news }));
            setFlowing(true);
            if (!isInFlight(news.run.status)) underWay.delete(news.run.id);
            if (underWay.size === 0) end();
          },
        },
        // Until the stream resumes, the page polls.
        onSilence: () => setFlowing(false),
      };
    });
  }, [key]);

  return { updates, isFlowing };
}
