import { useEffect, useState } from "react";

import { isServed } from "./connection";
import { useReloadEvery } from "./use-live";

/** Whether the error is the one that browsers throw if a request gets no answer. */
const isUnanswered = (error: unknown): boolean =>
  error instanceof TypeError && /fetch|network|load failed/i.test(error.message);

/**
 * Whether a page could not be shown because the server was away. The page is loaded again as soon as the server
 * answers.
 */
export function useOutage(error: unknown, isForeseen: boolean): boolean {
  const [isAway, setAway] = useState(false);
  useEffect(() => {
    if (isForeseen) return;
    let isOver = false;
    void isServed().then((served) => !isOver && setAway(!served || isUnanswered(error)));
    return () => {
      isOver = true;
      setAway(false);
    };
  }, [error, isForeseen]);
  useReloadEvery(isAway);
  return isAway;
}
