import { useEffect, useRef, useState } from "react";

import type { Topic } from "@domain/topics";

import { followChanges } from "./follow-changes";
import { lookInView, type Looking } from "./look-in-view";

/** Milliseconds between two loads without a notice; fewer while the stream of changes is lost. */
const EVERY_MS = { told: 60_000, atRest: 15_000, underWay: 1000 };

/**
 * Calls `look` whenever something of the topics changes, while the page is visible, and from time to time besides.
 * @param topics none: never looks
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
  const everyMs = isFlowing ? EVERY_MS.told : isUnderWay ? EVERY_MS.underWay : EVERY_MS.atRest;

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
        // What changed before the stream began, or while it was lost, is reported by nobody.
        if (hasFlowed || latest.current.isUnderWay) setTimeout(() => looking.current?.lookSoon());
        hasFlowed = true;
      },
    });
  }, [key]);
}
