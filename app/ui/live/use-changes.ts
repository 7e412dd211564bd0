import { useEffect, useRef, useState } from "react";

import type { Topic } from "@domain/topics";

import { followChanges } from "./follow-changes";
import { lookInView, type Looking } from "./look-in-view";

/**
 * Milliseconds between two looks if nothing is reported: `streamed` while the stream of changes is open, otherwise
 * `underWay` or `atRest`.
 */
const EVERY_MS = { streamed: 60_000, atRest: 15_000, underWay: 1000 };

/**
 * Calls `look` whenever one of the topics changes while the page is visible, and also from time to time.
 * @param topics with none, `look` is never called
 * @param isUnderWay whether something that the page shows is expected to change soon
 * @param look must never reject
 */
export function useChanges(
  topics: readonly Topic[],
  isUnderWay: boolean,
  look: (signal: AbortSignal) => Promise<void>,
): void {
  const [isFlowing, setFlowing] = useState(false);
  const looking = useRef<Looking>();
  const latest = useRef({ look, isUnderWay });
  useEffect(() => {
    latest.current = { look, isUnderWay };
  });
  const key = topics.join();
  const everyMs = isFlowing ? EVERY_MS.streamed : isUnderWay ? EVERY_MS.underWay : EVERY_MS.atRest;

  useEffect(() => {
    if (key === "") return;
    const { stop } = (looking.current = lookInView(everyMs, (signal) => latest.current.look(signal)));
    return stop;
  }, [key, everyMs]);

  useEffect(() => {
    if (key === "" || typeof EventSource === "undefined") return;
    let hasFlowed = false;
    return followChanges({
      topics: key.split(",") as Topic[],
      onChange: () => looking.current?.lookSoon(),
      onFlow(flows) {
        setFlowing(flows);
        if (!flows) return;
        // The stream does not report what changed before it began or while it was lost.
        if (hasFlowed || latest.current.isUnderWay) setTimeout(() => looking.current?.lookSoon());
        hasFlowed = true;
      },
    });
  }, [key]);
}
