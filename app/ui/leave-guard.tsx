import { useBlocker } from "@remix-run/react";
import { createContext, useContext, useEffect, useRef, useState, type ReactNode } from "react";

import { Button } from "./button";
import { Dialog, DialogActions, DialogContent } from "./dialog";

/** Leads back to where it was asked for. */
const THEME_PATH = "/theme";

interface Unsaved {
  /** Says what would be lost; null while nothing would. Asked when somebody leaves. */
  lost: () => string | null;
  /** Discards the unsaved input. */
  onLeave?: () => void;
}

const GuardContext = createContext<Set<{ current: Unsaved }> | null>(null);

/**
 * Asks before a link leads away from what is not saved. One for all pages, because a router takes one blocker: whatever
 * can lose something says so with `useUnsaved`.
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

/** Beside the pages, not around them: a blocker that changes renders this alone. */
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

/** Asks before a link leads away from unsaved input. Does nothing outside a guard. */
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
