import { useRevalidator } from "@remix-run/react";
import { useEffect } from "react";

import { isServed } from "./connection";
import { lookInView } from "./look-in-view";

/**
 * Loads the page's data again every `everyMs` while `active` and in view. Not while the server does not answer: a
 * loader that cannot be reached would replace the page by an error.
 */
export function useLive(active: boolean, everyMs = 1000): void {
  const { revalidate, state } = useRevalidator();
  useEffect(() => {
    if (!active || state !== "idle") return;
    return lookInView(everyMs, async (signal) => {
      if ((await isServed()) && !signal.aborted) revalidate();
    });
  }, [active, everyMs, revalidate, state]);
}
