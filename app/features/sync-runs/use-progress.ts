import { useRevalidator } from "@remix-run/react";
import { useState } from "react";

import { isInFlight } from "~/ui/labels";
import { reach } from "~/ui/live/connection";
import { useChanges } from "~/ui/live/use-changes";
import { useReloadEvery } from "~/ui/live/use-live";

import type { ShownRun } from "./run-figures";

/** Milliseconds between two looks without a change, because no change reports that a schedule is overdue. */
const EVERY_MS = 60_000;

interface Progress {
  runs: ShownRun[];
  now: number;
}

function phaseOf(runs: ShownRun[]): "running" | "queued" | "idle" {
  if (runs.some((run) => run.status === "running")) return "running";
  return runs.some((run) => isInFlight(run.status)) ? "queued" : "idle";
}

/**
 * The latest runs of a connection, read again whenever one changes. Does not reload the page for that, because a failed
 * reload would discard what a person types; reloads the page's data only when the first run begins and the last one
 * ends.
 */
export function useProgress(url: string, loaded: Progress): Progress {
  const [asked, setAsked] = useState<Progress>();
  const { revalidate } = useRevalidator();
  // The newer of both, because the page may have been reloaded since.
  const current = asked !== undefined && asked.now > loaded.now ? asked : loaded;
  const phase = phaseOf(current.runs);

  useChanges(["runs"], phase !== "idle", async (signal) => {
    const answer = await reach(url, (response) => response.json() as Promise<Progress>);
    if (signal.aborted || answer === null) return;
    if ("data" in answer) setAsked(answer.data);
    // Signed out, or the connection is gone: the page's loaders handle it.
    else revalidate();
  });
  useReloadEvery(true, phase !== "queued" && phase !== phaseOf(loaded.runs) ? 0 : EVERY_MS);

  return current;
}
