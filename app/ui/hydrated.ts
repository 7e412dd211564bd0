import { useEffect, useState } from "react";

/** Whether scripts run in this browser: true from the hydration of the first page on. */
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

/** Whether the component was in the server's page, so that a person may have begun to fill it in before scripts ran. */
export function useCameWithPage(): boolean {
  const [came] = useState(!useHydrated());
  return came;
}

/** Calls `take` once scripts run, to take over what a person typed, ticked or opened before. */
export function useBeforeHydration(take: () => void): void {
  // eslint-disable-next-line react-hooks/exhaustive-deps -- of the first moment alone
  useEffect(take, []);
}
