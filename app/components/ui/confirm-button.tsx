import { useEffect, useId, useRef, useState, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";
import { Dialog, DialogActions, DialogClose, DialogContent, dialogLook, DialogTrigger } from "./dialog";
import { PostForm, SubmitButton } from "./form";

export interface ConfirmButtonProps {
  intent: string;
  /** Hidden fields of the form. */
  fields?: Record<string, string>;
  action?: string;
  label: ReactNode;
  variant?: ButtonProps["variant"];
  size?: ButtonProps["size"];
  title: string;
  /** What the confirming button says. */
  confirm: string;
  /** What will happen. */
  children: ReactNode;
}

/**
 * Asks before it does something that cannot be undone. Until scripts have come, or where there are none, the browser
 * opens the question by itself (a popover); one that is open when they come stays open.
 */
export function ConfirmButton(props: ConfirmButtonProps) {
  const { intent, fields = {}, action, label, variant = "danger-quiet", size = "sm" } = props;
  const { title, confirm, children } = props;
  const [interactive, setInteractive] = useState(false);
  const [isOpen, setOpen] = useState(false);
  const plain = useRef<HTMLDivElement>(null);
  const id = useId();
  useEffect(() => {
    setOpen(plain.current?.matches(":popover-open") ?? false);
    setInteractive(true);
  }, []);
  // The form is sent before the dialog takes it away: what became of it is told on the page.
  const close = () => setTimeout(() => setOpen(false));
  const question = (cancel: ReactNode) => (
    <>
      <div className="text-ink-muted">{children}</div>
      <PostForm intent={intent} onSubmit={close} {...(action === undefined ? {} : { action })}>
        {Object.entries(fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <DialogActions>
          {cancel}
          <SubmitButton intent={intent} variant="danger">
            {confirm}
          </SubmitButton>
        </DialogActions>
      </PostForm>
    </>
  );
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant={variant} size={size} {...(interactive ? {} : { popovertarget: id })}>
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
