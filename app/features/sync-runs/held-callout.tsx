import { Link } from "@remix-run/react";

import { count } from "@domain/format";
import type { HeldSum } from "@domain/sync-words";
import { ButtonLink } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { sumText } from "~/ui/labels";

interface HeldCalloutProps {
  runId: string;
  /** The number of changes that the run held and that nobody has decided. */
  itemsHeld: number;
  /** The changes that are still pending, by kind. */
  waiting: HeldSum;
}

/** The changes that a run held, with a link to pending review. */
export function HeldCallout({ runId, itemsHeld, waiting }: HeldCalloutProps) {
  const now = waiting.removal + waiting.move + waiting.rename;
  if (itemsHeld === 0 && now === 0) return null;
  if (now === 0)
    return (
      <Callout tone="info" title={`${count(itemsHeld, "change")} held, and decided since`}>
        A later sync has taken them back, or{" "}
        <Link to="/review" className="underline">
          holds them
        </Link>{" "}
        itself.
      </Callout>
    );
  return (
    <Callout
      tone="warn"
      title={`${count(now, "change")} held: ${sumText(waiting)}`}
      actions={
        <ButtonLink to={`/review?run=${runId}`} size="sm">
          Review
        </ButtonLink>
      }
    >
      Surprisingly many at once, which may be a fault or a mistake in Level. The assets stay as they are until
      somebody approves or rejects it, or a later sync does not see it any more.
    </Callout>
  );
}
