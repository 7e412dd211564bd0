import { useFetchers, useNavigation, useRevalidator } from "@remix-run/react";
import { useEffect, useRef } from "react";

import type { Topic } from "@domain/topics";

import { isServed } from "./connection";
import { lookInView } from "./look-in-view";
import { useChanges } from "./use-changes";

/**
 * Returns a function that loads the page's data again and resolves when the data is there. It loads nothing if the
 * server does not answer, because a loader that cannot be reached would replace the page with an error.
 */
function useReload(): (signal: AbortSignal) => Promise<void> {
  const { revalidate, state } = useRevalidator();
  const isGoing = useNavigation().state !== "idle";
  const isAnswering = useFetchers().length > 0;
  const isBusy = useRef(false);
  const whenLoaded = useRef(() => {});
  useEffect(() => {
    isBusy.current = isGoing || isAnswering;
    if (state === "idle") whenLoaded.current();
  });
  return async (signal) => {
    if (!(await isServed())) return;
    // A reload would replace a running load, whose answer to a form may be shown only once.
    while (isBusy.current && !signal.aborted) await new Promise((resolve) => setTimeout(resolve, 100));
    if (signal.aborted) return;
    await new Promise<void>((resolve) => {
      whenLoaded.current = resolve;
      signal.addEventListener("abort", () => resolve());
      revalidate();
    });
  };
}

/**
 * Keeps a page up to date: loads its data again when one of the topics changes; see `useChanges`.
 * @param isUnderWay whether something that the page shows is expected to change soon
 */
export const useLive = (topics: readonly Topic[], isUnderWay: boolean): void =>
  useChanges(topics, isUnderWay, useReload());

/** Loads the page's data again every `everyMs` milliseconds while `active` is true and the page is visible. */
export function useReloadEvery(active: boolean, everyMs = 1000): void {
  const reload = useReload();
  const latest = useRef(reload);
  useEffect(() => {
    latest.current = reload;
  });
  useEffect(() => {
    if (active) return lookInView(everyMs, (signal) => latest.current(signal)).stop;
  }, [active, everyMs]);
}
