import { useFetcher, useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";

import type { Run } from "../runs/run-figures";
import { useRunFeed } from "../runs/use-run-feed";
import { isInFlight } from "../words";

/** While the runs tell of themselves, a look now and then finds those that somebody else has started. */
const EVERY_MS = { alone: 1000, told: 5000 };

interface Progress {
  runs: Run[];
  now: number;
}

/**
 * The runs of a connection while one is under way and the page is in view: as they tell by themselves, or else read
 * anew each second. When the last one ends, the page itself is loaded again: what it counts has changed. State is in
 * the run's row, so a reload goes on.
 */
export function useProgress(url: string, loaded: Progress): Progress {
  const fetcher = useFetcher<Progress>();
  const { revalidate } = useRevalidator();
  // Whichever was read last: the page may have been loaded again (a sync was started) since the last look.
  const read = fetcher.data !== undefined && fetcher.data.now > loaded.now ? fetcher.data : loaded;
  const { told, isFlowing } = useRunFeed(
    read.runs.filter((run) => isInFlight(run.status)).map((run) => run.id),
  );
  const heard = read.runs.map((run) => {
    const news = told[run.id];
    return news !== undefined && news.now > read.now ? news : { run, now: read.now };
  });
  const current = {
    runs: heard.map(({ run }) => run),
    now: Math.max(read.now, ...heard.map(({ now }) => now)),
  };
  const live = current.runs.some((run) => isInFlight(run.status));
  const everyMs = isFlowing ? EVERY_MS.told : EVERY_MS.alone;
  const { state, load } = fetcher;

  useEffect(() => {
    if (!live || state !== "idle") return;
    const look = () => document.visibilityState === "visible" && load(url);
    const timer = setTimeout(look, everyMs);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [live, load, state, url, read.now, everyMs]);

  const wasLive = useRef(live);
  useEffect(() => {
    if (wasLive.current && !live) revalidate();
    wasLive.current = live;
  }, [live, revalidate]);

  return current;
}
