import { useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";

import { listenInView } from "./stream-in-view";
import { useLive } from "./use-live";

/** How often the page reloads its data automatically; more often while the stream is lost. */
const EVERY_MS = { streamed: 60_000, atRest: 15_000, underWay: 500 };

/**
 * Keeps a page about runs up to date: reloads its data whenever a run begins, progresses or ends, as a stream reports
 * while the page is visible. Also reloads from time to time, because no event reports that nothing runs any more.
 * @param isUnderWay whether a run that the page shows is under way
 */
export function useLiveRuns(isUnderWay: boolean): void {
  const { revalidate, state } = useRevalidator();
  const [isFlowing, setFlowing] = useState(false);
  const [seen, setSeen] = useState({ changes: 0, loaded: 0 });

  useEffect(() => {
    if (typeof EventSource === "undefined") return;
    return listenInView(() => ({
      url: "/runs/live",
      on: {
        here: () => setFlowing(true),
        changed: () => setSeen(({ changes, loaded }) => ({ changes: changes + 1, loaded })),
      },
      onSilence: () => setFlowing(false),
    }));
  }, []);

  // A change that comes while the page is being loaded is seen by the next load.
  useEffect(() => {
    if (seen.changes === seen.loaded || state !== "idle") return;
    setSeen(({ changes }) => ({ changes, loaded: changes }));
    revalidate();
  }, [seen, state, revalidate]);

  // A run may have ended between the load of the page and the first event of the stream.
  useEffect(() => {
    if (isFlowing && isUnderWay) setSeen(({ changes, loaded }) => ({ changes: changes + 1, loaded }));
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the stream begins
  }, [isFlowing]);

  useLive(true, isFlowing ? EVERY_MS.streamed : isUnderWay ? EVERY_MS.underWay : EVERY_MS.atRest);
}
