import { useRevalidator } from "@remix-run/react";
import { useState } from "react";

import { count } from "@domain/format";
import { Button } from "~/ui/button";
import { Dialog, DialogContent } from "~/ui/dialog";
import { useCsrf } from "~/ui/form";

import { changesOf } from "./model";
import { PreviewPanel } from "./preview-panel";
import { NoAnswer, RefusalCallout, ReviewActions, useReview, WorkingOut } from "./review-parts";
import type { Mapping } from "./use-mapping";
import { useWarnBeforeLeaving } from "./use-warn-before-leaving";

export interface SaveBarProps {
  mapping: Mapping;
  connectionId: string;
  changedBy: string | null;
}

/** The number of unsaved changes, and the button that saves them all after a preview. */
export function SaveBar({ mapping, connectionId, changedBy }: SaveBarProps) {
  const [open, setOpen] = useState(false);
  const n = mapping.drafts.size;
  const leave = useWarnBeforeLeaving(n > 0);
  // After saving or undoing, the next preview appears only when the person asks to save.
  if (open && n === 0) setOpen(false);
  return (
    <>
      {n > 0 && (
        <div
          role="region"
          aria-label="Unsaved changes"
          className="sticky bottom-3 z-30 flex animate-enter flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line-strong bg-raised px-4 py-3 shadow-pop"
        >
          <p className="flex-1 basis-36 text-sm">
            <span className="font-medium">{count(n, "unsaved change")}</span>
            {mapping.isStale && (
              <span className="block text-warn">
                {changedBy ?? "Somebody"} changed the mapping meanwhile. Nothing of it was overwritten.
              </span>
            )}
          </p>
          <div className="flex gap-2">
            <Button onClick={mapping.discard}>Discard</Button>
            {mapping.isStale ? (
              <Button variant="primary" onClick={mapping.rebase}>
                Keep mine on top of it
              </Button>
            ) : (
              <Button variant="primary" onClick={() => setOpen(true)}>
                Review and save
              </Button>
            )}
          </div>
        </div>
      )}
      <Dialog open={open && !mapping.isStale} onOpenChange={setOpen}>
        <DialogContent title="Save the mapping?" className="max-w-xl">
          {open && (
            <SaveReview
              mapping={mapping}
              connectionId={connectionId}
              onClose={() => setOpen(false)}
              onLeave={leave}
            />
          )}
        </DialogContent>
      </Dialog>
    </>
  );
}

interface ReviewProps {
  mapping: Mapping;
  connectionId: string;
  onClose: () => void;
  onLeave: (to: string) => void;
}

function SaveReview({ mapping, connectionId, onClose, onLeave }: ReviewProps) {
  const csrf = useCsrf();
  const body = {
    csrf,
    version: String(mapping.baseVersion),
    changes: JSON.stringify(changesOf(mapping.drafts)),
  };
  const review = useReview(connectionId, body);
  const { preview, noAnswer } = review;
  const { revalidate } = useRevalidator();
  const loadTheirs = () => {
    revalidate();
    onClose();
  };
  return (
    <>
      <RefusalCallout refusal={review.refusal} onLoadTheirs={loadTheirs} />
      {preview !== undefined && <PreviewPanel preview={preview} />}
      <WorkingOut review={review} />
      <NoAnswer answer={noAnswer} onLeave={onLeave} />
      <ReviewActions
        review={review}
        back="Back to the tree"
        save={`Save ${count(mapping.drafts.size, "change")}`}
        onClose={onClose}
        onSave={() => void review.save(body, mapping.markSaved)}
      />
    </>
  );
}
