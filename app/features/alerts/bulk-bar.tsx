import { useLocation } from "@remix-run/react";

import { count } from "@domain/format";
import { AskButton } from "~/ui/ask-button";
import { BulkForm } from "~/ui/bulk-bar";
import { Callout } from "~/ui/callout";
import { DialogActions } from "~/ui/dialog";
import { PostForm, SubmitButton } from "~/ui/form";
import type { Ticks } from "~/ui/ticks";

/** The form that the rows' checkboxes belong to. */
export const SELECTION_FORM = "picked-alerts";

/** The inbox's own address as the address of a form, so that the filter stays. */
function useInboxAction(): string {
  const params = new URLSearchParams(useLocation().search);
  params.delete("undo");
  return `/alerts/list?${params}`;
}

const words = {
  acknowledge: {
    verb: "Acknowledge",
    title: (n: string) => `Acknowledge ${n}?`,
    leftAlone: "What is resolved or acknowledged already stays as it is.",
  },
  reopen: {
    verb: "Reopen",
    title: (n: string) => `Take the acknowledgement of ${n} back?`,
    leftAlone: "What is resolved stays as it is.",
  },
} as const;

export interface AlertBulkBarProps {
  ticks: Ticks;
  /** The number of alerts that match the filter. */
  total: number;
  intent: keyof typeof words;
}

/** Acts on several alerts at once, after a question: on the selected ones, or on all that match the filter. */
export function AlertBulkBar({ ticks, total, intent }: AlertBulkBarProps) {
  const action = useInboxAction();
  const { verb, title, leftAlone } = words[intent];
  return (
    <BulkForm
      ticks={ticks}
      action={action}
      fitting={{ noun: "alert", total, mark: String(total) }}
      className="border-t-0"
    >
      {(isNothing) => (
        <span className="ml-auto">
          {ticks.isAll ? (
            <AskButton
              label={verb}
              variant="secondary"
              title={title(count(total, "alert"))}
              text={`All that match the filter, those on other pages too. ${leftAlone} Level is not notified.`}
              answer={({ cancel, close }) => (
                <DialogActions>
                  {cancel}
                  <SubmitButton
                    form={ticks.form}
                    name="intent"
                    value={intent}
                    intent={intent}
                    onClick={close}
                  >
                    {verb}
                  </SubmitButton>
                </DialogActions>
              )}
            />
          ) : (
            <SubmitButton
              name="intent"
              value={intent}
              intent={intent}
              variant="secondary"
              size="sm"
              disabled={isNothing}
            >
              {verb}
            </SubmitButton>
          )}
        </span>
      )}
    </BulkForm>
  );
}

/** Offers to undo the last acknowledgement of several alerts. */
export function UndoCallout({ undo }: { undo: { at: string; alerts: number } }) {
  return (
    <Callout
      tone="good"
      className="mb-5"
      actions={
        <PostForm intent="undo" action={useInboxAction()} preventScrollReset>
          <input type="hidden" name="at" value={undo.at} />
          <SubmitButton intent="undo" variant="secondary" size="sm">
            Undo
          </SubmitButton>
        </PostForm>
      }
    >
      You acknowledged {count(undo.alerts, "alert")}.
    </Callout>
  );
}
