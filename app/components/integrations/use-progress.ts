import { useFetcher, useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";

import type { Run } from "../runs/run-figures";
import { isInFlight } from "../words";

const EVERY_MS = 1000;

interface Progress {
  runs: Run[];
  now: number;
}

/**
 * The runs of a connection, read anew each second while one is under way and the page is in view. When the last one
 * ends, the page itself is loaded again: what it counts has changed. State is in the run's row, so a reload goes on.
 */
export function useProgress(url: string, loaded: Progress): Progress {
  const fetcher = useFetcher<Progress>();
  const { revalidate } = useRevalidator();
  // Whichever was read last: the page may have been loaded again (a sync was started) since the last look.
  const current = fetcher.data !== undefined && fetcher.data.now > loaded.now ? fetcher.data : loaded;
  const live = current.runs.some((run) => isInFlight(run.status));
  const { state, load } = fetcher;

  useEffect(() => {
    if (!live || state !== "idle") return;
    const look = () => document.visibilityState === "visible" && load(url);
    const timer = setTimeout(look, EVERY_MS);
    document.addEventListener("visibilitychange", look);
    return () => {
      clearTimeout(timer);
      document.removeEventListener("visibilitychange", look);
    };
  }, [live, load, state, url, current]);

  const wasLive = useRef(live);
  useEffect(() => {
    if (wasLive.current && !live) revalidate();
    wasLive.current = live;
  }, [live, revalidate]);

  return current;
}
