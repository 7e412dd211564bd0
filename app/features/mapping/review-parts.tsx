import { useLocation, useNavigate } from "@remix-run/react";
import { useCallback, useEffect, useState } from "react";

import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { DialogActions } from "~/ui/dialog";
import { Skeleton } from "~/ui/progress";

import { useSend } from "./use-send-mapping";

export type Review = ReturnType<typeof useReview>;

/**
 * Previews changes when the component appears, and saves them on request.
 * @param changes only the first value counts
 */
export function useReview(connectionId: string, changes: Record<string, string>) {
  const [asked] = useState(changes);
  const look = useSend(connectionId);
  const saving = useSend(connectionId);
  const navigate = useNavigate();
  const { send } = look;
  const ask = useCallback(() => void send({ ...asked, intent: "preview" }), [asked, send]);
  useEffect(ask, [ask]);
  const answers = [saving.answer, look.answer];
  return {
    preview: look.answer?.state === "previewed" ? look.answer.preview : undefined,
    refusal: answers.find((answer) => answer?.state === "refused"),
    noAnswer: answers.find((answer) => answer?.state === "no_answer"),
    ask,
    isAsking: look.isSending,
    /** Calls `onSaved` before the page loads, so that the page does not restore the saved changes as drafts. */
    save: async (fields: Record<string, string>, onSaved: () => void) => {
      const answer = await saving.send({ ...fields, intent: "save" });
      if (answer.state !== "saved") return;
      onSaved();
      navigate(answer.to, { replace: true, preventScrollReset: true });
    },
    isSaving: saving.isSending || saving.answer?.state === "saved",
  };
}

/** Why the changes cannot be saved. If another person saved meanwhile, offers to load that. */
export const RefusalCallout = ({
  refusal,
  onLoadTheirs,
}: {
  refusal: Review["refusal"];
  onLoadTheirs: () => void;
}) =>
  refusal !== undefined && (
    <Callout
      tone="bad"
      alert
      className="mb-4"
      actions={refusal.errors["version"] !== undefined && <Button onClick={onLoadTheirs}>Load theirs</Button>}
    >
      {Object.values(refusal.errors).join(" ")}
    </Callout>
  );

export interface NoAnswerProps {
  answer: Review["noAnswer"];
  /** Leaves the page without the question about unsaved changes. */
  onLeave: (to: string) => void;
}

/** Says that no usable answer came, and what to do; the drafts are kept. */
export function NoAnswer({ answer, onLeave }: NoAnswerProps) {
  const { pathname, search } = useLocation();
  const here = pathname + search;
  if (answer === undefined) return null;
  return (
    <Callout
      tone="warn"
      alert
      className="mt-4"
      title={answer.text}
      actions={
        answer.mend === "sign-in" ? (
          <Button onClick={() => onLeave(`/sign-in?next=${encodeURIComponent(here)}`)}>Sign in</Button>
        ) : (
          answer.mend === "reload" && <Button onClick={() => onLeave(here)}>Load the page again</Button>
        )
      }
    >
      Your changes are kept.
    </Callout>
  );
}

/** Shown until the preview or an error arrives. */
export const WorkingOut = ({ review: { preview, refusal, noAnswer } }: { review: Review }) =>
  preview === undefined &&
  refusal === undefined &&
  noAnswer === undefined && (
    <div className="space-y-2" aria-busy>
      <span className="sr-only">Working out what this would do</span>
      <Skeleton className="w-3/4" />
      <Skeleton className="w-1/2" />
      <Skeleton className="w-2/3" />
    </div>
  );

export interface ReviewActionsProps {
  review: Review;
  back: string;
  save: string;
  onClose: () => void;
  onSave: () => void;
}

/** The buttons: back, save the previewed changes, or ask again after no answer came. */
export const ReviewActions = ({ review, back, save, onClose, onSave }: ReviewActionsProps) => (
  <DialogActions>
    <Button onClick={onClose}>{back}</Button>
    {review.preview === undefined && review.noAnswer !== undefined ? (
      <Button variant="primary" busy={review.isAsking} onClick={review.ask}>
        Try again
      </Button>
    ) : (
      <Button
        variant="primary"
        disabled={review.preview === undefined}
        busy={review.isSaving}
        onClick={onSave}
      >
        {save}
      </Button>
    )}
  </DialogActions>
);
