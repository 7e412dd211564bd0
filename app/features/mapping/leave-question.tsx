import { useBlocker } from "@remix-run/react";

import { count } from "@domain/format";
import { Button } from "~/ui/button";
import { Dialog, DialogActions, DialogContent } from "~/ui/dialog";

/** Leads back to where it was asked for. */
const THEME_PATH = "/theme";

/** Asks before a link leads away from changes that are not saved, and lets go of them. */
export function LeaveQuestion({ changes, onLeave }: { changes: number; onLeave: () => void }) {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      changes > 0 && ![currentLocation.pathname, THEME_PATH].includes(nextLocation.pathname),
  );
  const leave = () => {
    onLeave();
    blocker.proceed?.();
  };
  return (
    <Dialog open={blocker.state === "blocked"} onOpenChange={(open) => !open && blocker.reset?.()}>
      <DialogContent title="Leave without saving?">
        <p className="text-sm text-ink-muted">{count(changes, "change")} of the mapping would be lost.</p>
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
