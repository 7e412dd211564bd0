import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { Play } from "lucide-react";

import { formatDuration } from "@domain/format";
import { Callout } from "~/ui/callout";
import { ConfirmButton } from "~/ui/confirm-button";
import { PostForm, SubmitButton } from "~/ui/form";
import { useClock } from "~/ui/time";

import type { Plan } from "./plan.page.server";

/** Milliseconds after which Level's data has probably changed. */
const STALE_MS = 60 * 60_000;

interface ApplyCalloutProps {
  endedAt: string | null;
  since: SerializeFrom<Plan>["since"];
  mayApply: boolean;
}

/** States that a dry run wrote nothing and what has changed since, and offers to apply its plan. */
export function ApplyCallout({ endedAt, since, mayApply }: ApplyCalloutProps) {
  const { now } = useClock();
  const ageMs = endedAt === null ? 0 : now - new Date(endedAt).getTime();
  const doubts = [
    since.followedByRunId !== null && "Another sync has run since.",
    since.isMappingChanged && "The mapping of groups to clients was changed since.",
    ageMs > STALE_MS && `It is ${formatDuration(Math.floor(ageMs / 60_000) * 60_000)} old.`,
  ].filter((doubt) => doubt !== false);
  const isDoubtful = doubts.length > 0;
  return (
    <Callout
      tone={isDoubtful ? "warn" : "info"}
      title="Nothing was written."
      actions={
        mayApply &&
        (isDoubtful ? (
          <ConfirmButton
            intent="apply"
            label="Apply this"
            variant="secondary"
            title="Apply an outdated plan?"
            confirm="Start the full sync"
          >
            {doubts.join(" ")} The full sync does what Level says by now, and lists where that is something
            else than shown here.
          </ConfirmButton>
        ) : (
          <PostForm intent="apply">
            <SubmitButton intent="apply" size="sm">
              <Play aria-hidden />
              Apply this
            </SubmitButton>
          </PostForm>
        ))
      }
    >
      This is what a full sync would do. {isDoubtful && <strong>{doubts.join(" ")} </strong>}
      {isDoubtful ? "A new dry run would show what is true now. " : null}
      {since.followedByRunId !== null && (
        <Link to={`/runs/${since.followedByRunId}`} className="underline">
          {since.followedByRunId === since.appliedByRunId ? "The sync that applied it" : "The later sync"}
        </Link>
      )}
    </Callout>
  );
}
