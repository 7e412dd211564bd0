import { useId, useRef, useState, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";
import { Dialog, DialogClose, DialogContent, dialogLook, DialogTrigger } from "./dialog";
import { useHydrated, useBeforeHydration } from "./hydrated";

export interface AskButtonProps {
  label: ReactNode;
  variant?: ButtonProps["variant"];
  size?: ButtonProps["size"];
  /** Whether there is anything to ask about. Only scripts know. */
  disabled?: boolean;
  title: string;
  /** What will happen. */
  text: ReactNode;
  /**
   * The question's buttons, in a form or with the name of one.
   * @param close closes the question once the form is sent; closing it earlier would remove the form
   */
  answer: (buttons: { cancel: ReactNode; close: () => void }) => ReactNode;
}

/**
 * A button that asks first. Without scripts, or before they run, the browser opens the question as a popover; an open
 * question stays open when scripts start.
 */
export function AskButton(props: AskButtonProps) {
  const { label, variant, size = "sm", disabled = false, title, text, answer } = props;
  const interactive = useHydrated();
  const [isOpen, setOpen] = useState(false);
  const plain = useRef<HTMLDivElement>(null);
  const id = useId();
  useBeforeHydration(() => {
    if (plain.current !== null && knowsPopovers()) setOpen(plain.current.matches(":popover-open"));
  });
  const close = () => setTimeout(() => setOpen(false));
  const question = (cancel: ReactNode) => (
    <>
      <div className="text-ink-muted">{text}</div>
      {answer({ cancel, close })}
    </>
  );
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button
          variant={variant}
          size={size}
          disabled={interactive && disabled}
          {...(interactive ? {} : { popovertarget: id })}
        >
          {label}
        </Button>
      </DialogTrigger>
      {interactive ? (
        <DialogContent title={title}>
          {question(
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>,
          )}
        </DialogContent>
      ) : (
        <div
          ref={plain}
          id={id}
          role="dialog"
          aria-labelledby={`${id}title`}
          className={`${dialogLook} w-auto px-5 pt-4 pb-5 text-left text-sm font-normal whitespace-normal text-ink backdrop:bg-black/45`}
          {...{ popover: "auto" }}
        >
          <h2 id={`${id}title`} className="mb-4 text-base font-semibold">
            {title}
          </h2>
          {question(<Button {...{ popovertarget: id, popovertargetaction: "hide" }}>Cancel</Button>)}
        </div>
      )}
    </Dialog>
  );
}

/** An older browser shows the question in the page, and knows no word for one that is open. */
const knowsPopovers = () => "popover" in HTMLElement.prototype;
