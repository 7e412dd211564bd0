import { useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";

import { isInFlight } from "~/ui/labels";
import { reach } from "~/ui/live/connection";
import { lookInView } from "~/ui/live/look-in-view";
import { useLive } from "~/ui/live/use-live";

import type { ShownRun } from "./run-figures";
import { useRunFeed } from "./use-run-feed";

/** While updates arrive by stream, an occasional poll finds runs that somebody else started. */
const EVERY_MS = { alone: 1000, updates: 5000 };

interface Progress {
  runs: ShownRun[];
  now: number;
}

function phaseOf(runs: ShownRun[]): "running" | "queued" | "idle" {
  if (runs.some((run) => run.status === "running")) return "running";
  return runs.some((run) => isInFlight(run.status)) ? "queued" : "idle";
}

/**
 * The active runs of a connection while the page is in view, by stream or else polled each second. Reloads the page's
 * data when the first run begins and the last one ends. A reload continues from the run's row; while the server is
 * away, the last state stays.
 */
export function useProgress(url: string, loaded: Progress): Progress {
  const [asked, setAsked] = useState<Progress>();
  const { revalidate } = useRevalidator();
  // The newer of both: the page may have been reloaded since the last poll.
  const read = asked !== undefined && asked.now > loaded.now ? asked : loaded;
  const { updates, isFlowing } = useRunFeed(
    read.runs.filter((run) => isInFlight(run.status)).map((run) => run.id),
  );
  const merged = read.runs.map((run) => {
    const news = updates[run.id];
    return news !== undefined && news.now > read.now ? news : { run, now: read.now };
  });
  const current = {
    runs: merged.map(({ run }) => run),
    now: Math.max(read.now, ...merged.map(({ now }) => now)),
  };
  const phase = phaseOf(current.runs);
  const isLive = phase !== "idle";
  const everyMs = isFlowing ? EVERY_MS.updates : EVERY_MS.alone;

  useEffect(() => {
    if (!isLive) return;
    return lookInView(everyMs, async (signal) => {
      const answer = await reach(url, (response) => response.json() as Promise<Progress>);
      if (signal.aborted || answer === null) return;
      if ("data" in answer) setAsked(answer.data);
      // Signed out, or gone: the page's loaders handle it.
      else revalidate();
    });
  }, [isLive, everyMs, url, revalidate]);

  useLive(phase !== "queued" && phase !== phaseOf(loaded.runs), 0);

  return current;
}
