import { useEffect, useState, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";
import { Dialog, DialogActions, DialogClose, DialogContent, DialogTrigger } from "./dialog";
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

/** Asks before it does something that cannot be undone. Without scripts it is done at once: a form's button. */
export function ConfirmButton(props: ConfirmButtonProps) {
  const {
    intent,
    fields = {},
    action,
    label,
    variant = "danger-quiet",
    size = "sm",
    title,
    confirm,
    children,
  } = props;
  const [interactive, setInteractive] = useState(false);
  useEffect(() => setInteractive(true), []);
  const [isOpen, setOpen] = useState(false);
  // The form is sent before the dialog takes it away: what became of it is told on the page.
  const close = () => setTimeout(() => setOpen(false));
  const form = (content: ReactNode) => (
    <PostForm intent={intent} onSubmit={close} {...(action === undefined ? {} : { action })}>
      {Object.entries(fields).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {content}
    </PostForm>
  );
  if (!interactive) {
    return form(
      <Button type="submit" variant={variant} size={size}>
        {label}
      </Button>,
    );
  }
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant={variant} size={size}>
          {label}
        </Button>
      </DialogTrigger>
      <DialogContent title={title}>
        <div className="text-ink-muted">{children}</div>
        {form(
          <DialogActions>
            <DialogClose asChild>
              <Button>Cancel</Button>
            </DialogClose>
            <SubmitButton intent={intent} variant="danger">
              {confirm}
            </SubmitButton>
          </DialogActions>,
        )}
      </DialogContent>
    </Dialog>
  );
}
