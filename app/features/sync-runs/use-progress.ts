import { useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";

import { isInFlight } from "~/ui/labels";
import { reach } from "~/ui/live/connection";
import { lookInView } from "~/ui/live/look-in-view";
import { useLive } from "~/ui/live/use-live";

import type { ShownRun } from "./run-figures";
import { useRunFeed } from "./use-run-feed";

/** While the runs tell of themselves, a look now and then finds those that somebody else has started. */
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
 * The runs of a connection while one is under way and the page is in view: as they tell by themselves, or else read
 * anew each second. When the first begins and the last one ends, the page itself is loaded again: what it says of the
 * connection has changed. State is in the run's row, so a reload goes on; while the server is away, what was known
 * last stays.
 */
export function useProgress(url: string, loaded: Progress): Progress {
  const [asked, setAsked] = useState<Progress>();
  const { revalidate } = useRevalidator();
  // Whichever was read last: the page may have been loaded again (a sync was started) since the last look.
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
      // Signed out, or gone: the page's own loaders say what is to be done.
      else revalidate();
    });
  }, [isLive, everyMs, url, revalidate]);

  useLive(phase !== "queued" && phase !== phaseOf(loaded.runs), 0);

  return current;
}
