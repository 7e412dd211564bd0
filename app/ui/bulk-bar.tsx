import { useRef, type ReactNode } from "react";

import { count } from "@domain/format";

import { AskButton } from "./ask-button";
import type { ButtonProps } from "./button";
import { cn } from "./cn";
import { DialogActions } from "./dialog";
import { Checkbox } from "./field";
import { PostForm, SubmitButton } from "./form";
import { useBeforeHydration } from "./hydrated";
import { TickPage, type Ticks } from "./ticks";

interface BulkAction {
  intent: string;
  label: string;
  variant?: ButtonProps["variant"];
  /** The title of the question; `text` says what confirming would do. */
  title: string;
  text: ReactNode;
  confirm: string;
}

export interface BulkBarProps {
  /** The ticked rows; the bar's form has their form id, which the rows' checkboxes name. */
  ticks: Ticks;
  /** The address that the form is sent to, with the filters. */
  action: string;
  noun: string;
  total: number;
  /** The fingerprint of everything that matches, as it is shown. */
  mark: string;
  actions: BulkAction[];
}

/** Acts on every ticked row, or on everything that matches. Asks first. */
export const BulkBar = ({ actions, ticks, action, ...fitting }: BulkBarProps) => (
  <BulkForm ticks={ticks} action={action} fitting={fitting}>
    {(isNothing) => (
      <span className="ml-auto flex flex-wrap gap-2">
        {actions.map(({ intent, label, variant = "secondary", title, text, confirm }) => (
          <AskButton
            key={intent}
            label={label}
            variant={variant}
            disabled={isNothing}
            title={title}
            text={text}
            answer={({ cancel, close }) => (
              <DialogActions>
                {cancel}
                <SubmitButton form={ticks.form} name="intent" value={intent} onClick={close}>
                  {confirm}
                </SubmitButton>
              </DialogActions>
            )}
          />
        ))}
      </span>
    )}
  </BulkForm>
);

export interface BulkFormProps {
  ticks: Ticks;
  action: string;
  /** Allows choosing everything that matches, on other pages too. If absent, only ticked rows can be chosen. */
  fitting?: Pick<BulkBarProps, "noun" | "total" | "mark">;
  /** Selected rows of other pages, by the value of each checkbox, and the checkboxes' name. */
  kept?: { name: string; keys: string[] };
  className?: string;
  children: (isNothing: boolean) => ReactNode;
}

/**
 * The form that the rows' checkboxes belong to, with the number of selected rows and the choice of everything that
 * matches.
 */
export function BulkForm({ action, ticks, fitting, kept, className, children }: BulkFormProps) {
  const { isAll } = ticks;
  const selected = kept === undefined ? ticks.onPage.length : ticks.ticked.size;
  return (
    <PostForm
      id={ticks.form}
      action={action}
      preventScrollReset
      className={cn(
        "flex flex-wrap items-center gap-x-3 gap-y-2 border-y border-line px-4 py-2.5 text-sm",
        className,
      )}
    >
      {!isAll && kept?.keys.map((key) => <input key={key} type="hidden" name={kept.name} value={key} />)}
      {fitting === undefined ? (
        <TickPage ticks={ticks} />
      ) : (
        <>
          <AllThatFit ticks={ticks} {...fitting} />
          <span className="text-xs text-ink-faint" aria-live="polite">
            {!isAll && selected > 0 && `${count(selected, "row")} selected`}
          </span>
        </>
      )}
      {children(!isAll && selected === 0)}
    </PostForm>
  );
}

function AllThatFit({ ticks, noun, total, mark }: Pick<BulkBarProps, "ticks" | "noun" | "total" | "mark">) {
  const { isAll, setAll } = ticks;
  const all = useRef<HTMLInputElement>(null);
  useBeforeHydration(() => {
    if (all.current?.checked === true) setAll(true);
  });
  return (
    <label className="flex items-center gap-2">
      {/* The fingerprint of what the person saw, so that a row that changed meanwhile is not decided unseen. */}
      <input type="hidden" name="mark" value={mark} />
      <Checkbox
        ref={all}
        name="all"
        checked={isAll}
        onChange={(event) => setAll(event.currentTarget.checked)}
      />
      {total === 1 ? `The one ${noun} that matches` : `All ${count(total, noun)} that match`}
    </label>
  );
}
