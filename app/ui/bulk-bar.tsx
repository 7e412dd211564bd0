import { useRef, useState, type ReactNode } from "react";

import { count } from "@domain/format";

import { AskButton } from "./ask-button";
import type { ButtonProps } from "./button";
import { cn } from "./cn";
import { DialogActions } from "./dialog";
import { Checkbox } from "./field";
import { PostForm, SubmitButton } from "./form";
import { useHydrated, useBeforeHydration } from "./hydrated";

/** What is ticked on a page of rows; `isAll` stands for everything that the filter finds, on other pages too. */
export function useTicks(keys: string[]) {
  const [ticked, setTicked] = useState<ReadonlySet<string>>(new Set());
  const [isAll, setAll] = useState(false);
  const shown = isAll ? new Set(keys) : ticked;
  const onTick = (some: string[], isTicked: boolean) => {
    const next = new Set(shown);
    for (const key of some) {
      if (isTicked) next.add(key);
      else next.delete(key);
    }
    setTicked(next);
    setAll(false);
  };
  return { ticked: shown, isAll, setAll, onTick };
}

export type Ticks = ReturnType<typeof useTicks>;

/** Above the rows' checkboxes: ticks all of the page. */
export const TickPage = ({ keys, ticked, onTick }: { keys: string[] } & Pick<Ticks, "ticked" | "onTick">) => (
  <Checkbox
    aria-label="Tick this page"
    checked={keys.length > 0 && keys.every((key) => ticked.has(key))}
    onChange={(event) => onTick(keys, event.currentTarget.checked)}
  />
);

interface BulkAction {
  intent: string;
  label: string;
  variant?: ButtonProps["variant"];
  /** The question, and what will happen. */
  title: string;
  text: ReactNode;
  confirm: string;
}

export interface BulkBarProps {
  /** The id of the form: checkboxes of the rows name it. */
  id: string;
  /** Where the form goes, with the filters. */
  action: string;
  noun: string;
  ticks: Ticks;
  total: number;
  /** Of everything that fits, as it is shown. */
  mark: string;
  actions: BulkAction[];
}

/** Does something to all that is ticked, or to everything that fits. Asks first. */
export const BulkBar = ({ actions, ...bar }: BulkBarProps) => (
  <BulkForm {...bar}>
    {({ isNothing, interactive }) => (
      <span className="ml-auto flex flex-wrap gap-2">
        {actions.map(({ intent, label, variant = "secondary", title, text, confirm }) => (
          <AskButton
            key={intent}
            label={label}
            variant={variant}
            disabled={isNothing}
            // Without scripts nobody has counted what is ticked.
            title={interactive ? title : `${label}?`}
            text={
              interactive ? text : "All rows that are ticked or, where that is ticked, everything that fits."
            }
            answer={({ cancel, close }) => (
              <DialogActions>
                {cancel}
                <SubmitButton form={bar.id} name="intent" value={intent} onClick={close}>
                  {interactive ? confirm : label}
                </SubmitButton>
              </DialogActions>
            )}
          />
        ))}
      </span>
    )}
  </BulkForm>
);

export interface BulkFormProps extends Omit<BulkBarProps, "actions"> {
  /** Rows of other pages that are ticked, as the value of each one's checkbox, and the name of those. */
  kept?: { name: string; keys: string[] };
  className?: string;
  children: (state: { isNothing: boolean; interactive: boolean }) => ReactNode;
}

/** The form that the checkboxes of rows belong to: everything that fits, how much is ticked, and what may be done. */
export function BulkForm({ id, action, noun, ticks, total, mark, kept, className, children }: BulkFormProps) {
  const { ticked, isAll, setAll, onTick } = ticks;
  const all = useRef<HTMLInputElement>(null);
  const interactive = useHydrated();
  useBeforeHydration(() => {
    const keys = tickedIn(all.current?.form);
    if (keys.length > 0) onTick(keys, true);
    if (all.current?.checked === true) setAll(true);
  });
  return (
    <PostForm
      id={id}
      action={action}
      preventScrollReset
      className={cn(
        "flex flex-wrap items-center gap-x-3 gap-y-2 border-y border-line px-4 py-2.5 text-sm",
        className,
      )}
    >
      {/* What was looked at: what is another by then is not decided unseen. */}
      <input type="hidden" name="mark" value={mark} />
      {!isAll && kept?.keys.map((key) => <input key={key} type="hidden" name={kept.name} value={key} />)}
      <label className="flex items-center gap-2">
        <Checkbox
          ref={all}
          name="all"
          checked={isAll}
          onChange={(event) => setAll(event.currentTarget.checked)}
        />
        All {count(total, noun)} that fit
      </label>
      <span className="text-xs text-ink-faint" aria-live="polite">
        {interactive && !isAll && ticked.size > 0 && `${count(ticked.size, "row")} ticked`}
      </span>
      {children({ isNothing: !isAll && ticked.size === 0, interactive })}
    </PostForm>
  );
}

/** The rows of a form that were ticked before there were scripts to note it. */
export const tickedIn = (form: HTMLFormElement | null | undefined): string[] =>
  [...(form?.elements ?? [])]
    .filter((element): element is HTMLInputElement => element instanceof HTMLInputElement)
    .filter((input) => input.type === "checkbox" && input.checked && input.name !== "all")
    .map((input) => input.value);
