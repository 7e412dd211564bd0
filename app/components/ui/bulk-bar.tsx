import { useEffect, useState, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";
import { Dialog, DialogActions, DialogClose, DialogContent, DialogTrigger } from "./dialog";
import { Checkbox } from "./field";
import { PostForm, SubmitButton } from "./form";
import { count } from "./format";

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

export interface BulkAction {
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

/** Does something to all that is ticked, or to everything that fits. Asks first; without scripts it is done at once. */
export function BulkBar({ id, action, noun, ticks, total, mark, actions }: BulkBarProps) {
  const { ticked, isAll, setAll } = ticks;
  const [interactive, setInteractive] = useState(false);
  useEffect(() => setInteractive(true), []);
  return (
    <PostForm
      id={id}
      action={action}
      preventScrollReset
      className="flex flex-wrap items-center gap-x-3 gap-y-2 border-t border-line px-4 py-2.5 text-sm"
    >
      {/* What was looked at: what is another by then is not decided unseen. */}
      <input type="hidden" name="mark" value={mark} />
      <label className="flex items-center gap-2">
        <Checkbox name="all" checked={isAll} onChange={(event) => setAll(event.currentTarget.checked)} />
        All {count(total, noun)} that fit
      </label>
      <span className="text-xs text-ink-faint" aria-live="polite">
        {interactive && !isAll && ticked.size > 0 && `${count(ticked.size, "row")} ticked`}
      </span>
      <span className="ml-auto flex flex-wrap gap-2">
        {actions.map((one) =>
          interactive ? (
            <Ask key={one.intent} form={id} action={one} isOff={!isAll && ticked.size === 0} />
          ) : (
            <Button key={one.intent} type="submit" name="intent" value={one.intent} size="sm">
              {one.label}
            </Button>
          ),
        )}
      </span>
    </PostForm>
  );
}

function Ask({ form, action, isOff }: { form: string; action: BulkAction; isOff: boolean }) {
  const { intent, label, variant = "secondary", title, text, confirm } = action;
  const [isOpen, setOpen] = useState(false);
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button size="sm" variant={variant} disabled={isOff}>
          {label}
        </Button>
      </DialogTrigger>
      <DialogContent title={title}>
        <div className="text-ink-muted">{text}</div>
        <DialogActions>
          <DialogClose asChild>
            <Button>Cancel</Button>
          </DialogClose>
          <SubmitButton
            form={form}
            name="intent"
            value={intent}
            // The form is sent before the dialog takes its button away.
            onClick={() => setTimeout(() => setOpen(false))}
          >
            {confirm}
          </SubmitButton>
        </DialogActions>
      </DialogContent>
    </Dialog>
  );
}
