import { useRevalidator } from "@remix-run/react";
import { useState } from "react";

import { count } from "@domain/format";
import type { MappingRuleInput } from "@domain/mapping-rules";
import { useCsrf } from "~/ui/form";

import { PreviewPanel } from "./preview-panel";
import { NoAnswer, RefusalCallout, ReviewActions, useReview, WorkingOut } from "./review-parts";

export interface RulesReviewProps {
  rules: readonly MappingRuleInput[];
  version: number;
  connectionId: string;
  onClose: () => void;
  /** Leaves the page and keeps the draft. */
  onLeave: (to: string) => void;
  /** Called when the draft was saved, or dropped for what another person saved. */
  onGone: () => void;
}

/** What saving the rules would do, and the button that saves them. */
export function RulesReview({ rules, version, connectionId, onClose, onLeave, onGone }: RulesReviewProps) {
  const csrf = useCsrf();
  const [body] = useState({ csrf, version: String(version), changes: "[]", rules: JSON.stringify(rules) });
  const review = useReview(connectionId, body);
  const { preview, noAnswer } = review;
  const { revalidate } = useRevalidator();
  const loadTheirs = () => {
    revalidate();
    onGone();
  };
  return (
    <>
      <RefusalCallout refusal={review.refusal} onLoadTheirs={loadTheirs} />
      <NoAnswer answer={noAnswer} onLeave={onLeave} />
      {preview !== undefined && (
        <>
          <ul className="mb-4 space-y-0.5 text-sm text-ink-muted" aria-label="Groups that follow each rule">
            {preview.following.map(({ pattern, groups }) => (
              <li key={pattern} className="wrap-anywhere">
                {count(groups, "group")} by <code>{pattern}</code>
              </li>
            ))}
          </ul>
          <PreviewPanel preview={preview} />
        </>
      )}
      <WorkingOut review={review} />
      <ReviewActions
        review={review}
        back="Back"
        save="Save rules"
        onClose={onClose}
        onSave={() => void review.save(body, onGone)}
      />
    </>
  );
}
