import { useBlocker } from "@remix-run/react";
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from "react";

import { Button } from "./button";
import { Dialog, DialogActions, DialogContent } from "./dialog";

/** A form sent here returns to the page that sent it, so nothing is lost. */
const THEME_PATH = "/theme";

interface Unsaved {
  /** Called when the person leaves. Returns what would be lost; null for nothing. */
  lost: () => string | null;
  /** Discards the unsaved input. */
  onLeave?: () => void;
}

const GuardContext = createContext<Set<{ current: Unsaved }> | null>(null);

/**
 * Asks before a link leads away from unsaved input. There is one for all pages, because a router takes one blocker:
 * each component with unsaved input registers it by `useUnsaved`.
 */
export function LeaveGuard({ children }: { children: ReactNode }) {
  const [guarded] = useState(() => new Set<{ current: Unsaved }>());
  return (
    <GuardContext.Provider value={guarded}>
      {children}
      <LeaveQuestion guarded={guarded} />
    </GuardContext.Provider>
  );
}

const lostOf = (guarded: Set<{ current: Unsaved }>): string[] =>
  [...guarded].map(({ current }) => current.lost()).filter((text) => text !== null);

/** Stands beside the pages, not around them, so that a change of the blocker renders this component alone. */
function LeaveQuestion({ guarded }: { guarded: Set<{ current: Unsaved }> }) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      ![currentLocation.pathname, THEME_PATH].includes(nextLocation.pathname) && lostOf(guarded).length > 0,
  );
  const leave = () => {
    for (const { current } of guarded) current.onLeave?.();
    blocker.proceed?.();
  };
  return (
    <Dialog open={blocker.state === "blocked"} onOpenChange={(open) => !open && blocker.reset?.()}>
      <DialogContent title="Leave without saving?">
        <p className="text-sm text-ink-muted">{lostOf(guarded).join(" ")}</p>
        <DialogActions>
          <Button onClick={() => blocker.reset?.()}>Stay here</Button>
          <Button variant="danger" onClick={leave}>
            Leave
          </Button>
        </DialogActions>
      </DialogContent>
    </Dialog>
  );
}

/** Asks before a link leads away from unsaved input. Does nothing outside a `LeaveGuard`. */
export function useUnsaved(unsaved: Unsaved): void {
  const guarded = useContext(GuardContext);
  const latest = useRef(unsaved);
  useEffect(() => {
    latest.current = unsaved;
  });
  useEffect(() => {
    guarded?.add(latest);
    return () => void guarded?.delete(latest);
  }, [guarded]);
}
