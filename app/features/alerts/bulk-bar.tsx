import { useLocation } from "@remix-run/react";

import { count, formatNumber } from "@domain/format";
import { Callout } from "~/ui/callout";
import { ConfirmButton } from "~/ui/confirm-button";
import { PostForm, SubmitButton } from "~/ui/form";
import { TickPage, type Ticks } from "~/ui/ticks";

/** The form that the rows' checkboxes belong to. */
export const SELECTION_FORM = "picked-alerts";

/** The inbox's own address for a form: the filter stays with it. */
function useInboxAction(): string {
  const params = new URLSearchParams(useLocation().search);
  params.delete("undo");
  return `/alerts/list?${params}`;
}

const words = {
  acknowledge: { verb: "Acknowledge", title: (n: string) => `Acknowledge ${n}?` },
  reopen: { verb: "Reopen", title: (n: string) => `Take the acknowledgement of ${n} back?` },
} as const;

export interface AlertBulkBarProps {
  ticks: Ticks;
  /** All alerts that fit the filter. */
  total: number;
  intent: keyof typeof words;
}

/** What is done to several alerts at once: those that were picked, or all that fit the filter. */
export function AlertBulkBar({ ticks, total, intent }: AlertBulkBarProps) {
  const action = useInboxAction();
  const { verb, title } = words[intent];
  const alerts = count(total, "alert");
  return (
    <div className="flex flex-wrap items-center gap-x-3 gap-y-2 border-b border-line px-4 py-2 text-sm">
      <TickPage ticks={ticks} />
      <PostForm id={ticks.form} action={action} intent={intent} preventScrollReset className="ml-auto">
        <SubmitButton intent={intent} variant="secondary" size="sm" disabled={ticks.onPage.length === 0}>
          {verb} selected
        </SubmitButton>
      </PostForm>
      <ConfirmButton
        intent={`${intent}_all`}
        action={action}
        fields={{ seen: String(total) }}
        label={`${verb} all ${formatNumber(total)}`}
        variant="secondary"
        title={title(alerts)}
        confirm={verb}
      >
        All that fit the filter, those on other pages too. What is resolved
        {intent === "acknowledge" && " or acknowledged already"} stays as it is. Level is not notified.
      </ConfirmButton>
    </div>
  );
}

/** Takes back what was acknowledged together a moment ago. */
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
