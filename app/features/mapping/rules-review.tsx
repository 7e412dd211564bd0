import { useNavigate, useRevalidator } from "@remix-run/react";
import { useEffect, useState } from "react";

import { count } from "@domain/format";
import type { MappingRuleInput } from "@domain/mapping-rules";
import { Button } from "~/ui/button";
import { Callout } from "~/ui/callout";
import { DialogActions } from "~/ui/dialog";
import { useCsrf } from "~/ui/form";
import { Skeleton } from "~/ui/progress";

import { PreviewPanel } from "./preview-panel";
import { useSend } from "./use-send-mapping";

export interface RulesReviewProps {
  rules: readonly MappingRuleInput[];
  version: number;
  connectionId: string;
  onClose: () => void;
  /** The draft is saved, or given up for what somebody else saved. */
  onGone: () => void;
}

/** What saving the rules would do, and the button that saves them. */
export function RulesReview({ rules, version, connectionId, onClose, onGone }: RulesReviewProps) {
  const csrf = useCsrf();
  const look = useSend(connectionId);
  const save = useSend(connectionId);
  const [body] = useState({ csrf, version: String(version), changes: "[]", rules: JSON.stringify(rules) });
  const { send } = look;
  useEffect(() => {
    void send({ ...body, intent: "preview" });
  }, [body, send]);
  const navigate = useNavigate();
  const { revalidate } = useRevalidator();
  const saveAll = async () => {
    const answer = await save.send({ ...body, intent: "save" });
    if (answer.state !== "saved") return;
    onGone();
    navigate(answer.to, { replace: true, preventScrollReset: true });
  };
  const preview = look.answer?.state === "previewed" ? look.answer.preview : undefined;
  const answers = [save.answer, look.answer];
  const refusal = answers.find((answer) => answer?.state === "refused");
  const noAnswer = answers.find((answer) => answer?.state === "no_answer");
  const loadTheirs = () => {
    revalidate();
    onGone();
  };
  return (
    <>
      {refusal !== undefined && (
        <Callout
          tone="bad"
          alert
          className="mb-4"
          actions={
            refusal.errors["version"] !== undefined && <Button onClick={loadTheirs}>Load theirs</Button>
          }
        >
          {Object.values(refusal.errors).join(" ")}
        </Callout>
      )}
      {noAnswer !== undefined && (
        <Callout tone="warn" alert className="mb-4" title={noAnswer.text}>
          Your changes are kept.
        </Callout>
      )}
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
      {preview === undefined && refusal === undefined && noAnswer === undefined && (
        <div className="space-y-2" aria-busy>
          <span className="sr-only">Working out what this would do</span>
          <Skeleton className="w-3/4" />
          <Skeleton className="w-1/2" />
        </div>
      )}
      <DialogActions>
        <Button onClick={onClose}>Back</Button>
        {preview === undefined && noAnswer !== undefined ? (
          <Button
            variant="primary"
            busy={look.isSending}
            onClick={() => void send({ ...body, intent: "preview" })}
          >
            Try again
          </Button>
        ) : (
          <Button
            variant="primary"
            disabled={preview === undefined}
            busy={save.isSending}
            onClick={() => void saveAll()}
          >
            Save rules
          </Button>
        )}
      </DialogActions>
    </>
  );
}
