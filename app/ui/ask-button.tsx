import { useState, type ReactNode } from "react";

import { Button, type ButtonProps } from "./button";
import { Dialog, DialogClose, DialogContent, DialogTrigger } from "./dialog";
import { useHydrated } from "./hydrated";

export interface AskButtonProps {
  label: ReactNode;
  variant?: ButtonProps["variant"];
  size?: ButtonProps["size"];
  /** Whether there is nothing to ask about. */
  disabled?: boolean;
  title: string;
  /** What confirming would do. */
  text: ReactNode;
  /**
   * The question's buttons, inside a form or with a form's id.
   * @param close closes the question after the form was sent; closing it earlier would remove the form
   */
  answer: (buttons: { cancel: ReactNode; close: () => void }) => ReactNode;
}

/** A button that asks first. Disabled until scripts run, so that no click is lost. */
export function AskButton(props: AskButtonProps) {
  const { label, variant, size = "sm", disabled = false, title, text, answer } = props;
  const isHydrated = useHydrated();
  const [isOpen, setOpen] = useState(false);
  const cancel = (
    <DialogClose asChild>
      <Button>Cancel</Button>
    </DialogClose>
  );
  return (
    <Dialog open={isOpen} onOpenChange={setOpen}>
      <DialogTrigger asChild>
        <Button variant={variant} size={size} disabled={disabled || !isHydrated}>
          {label}
        </Button>
      </DialogTrigger>
      <DialogContent title={title}>
        <div className="text-ink-muted">{text}</div>
        {answer({ cancel, close: () => setTimeout(() => setOpen(false)) })}
      </DialogContent>
    </Dialog>
  );
}
