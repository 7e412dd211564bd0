import { useEffect, useState } from "react";

/** True in a browser from the moment on that scripts have taken the first page over. */
let isHydrated = false;

/** Whether scripts run: false on the server, and in the first paint of a page from the server. */
export function useHydrated(): boolean {
  const [is, setIs] = useState(isHydrated);
  useEffect(() => {
    isHydrated = true;
    setIs(true);
  }, []);
  return is;
}

/** Whether this came with the page, as it does without scripts: somebody may have begun to fill it in. */
export function useCameWithPage(): boolean {
  const [came] = useState(!useHydrated());
  return came;
}

/** Calls `take` once scripts run, to pick up what was typed, ticked or opened before. */
export function useBeforeHydration(take: () => void): void {
  // eslint-disable-next-line react-hooks/exhaustive-deps -- of the first moment alone
  useEffect(take, []);
}
