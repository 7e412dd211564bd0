import { X } from "lucide-react";
import { Dialog as Radix } from "radix-ui";
import { useRef, type ReactNode } from "react";

import { cn } from "./cn";

export const Dialog = Radix.Root;
export const DialogTrigger = Radix.Trigger;
export const DialogClose = Radix.Close;

/** Position and look of a question. */
export const dialogLook =
  "fixed inset-x-4 top-[12vh] z-50 mx-auto max-h-[76vh] max-w-lg animate-enter rounded-xl border border-line bg-raised shadow-pop";

export interface DialogContentProps {
  title: string;
  description?: ReactNode;
  className?: string;
  children: ReactNode;
}

/** The content of a dialog. On close, the focus returns to the button that opened the dialog, if that still exists. */
export function DialogContent({ title, description, className, children }: DialogContentProps) {
  const opener = useRef<Element | null>(null);
  const giveFocusBack = (event: Event) => {
    const { current } = opener;
    if (!(current instanceof HTMLElement) || current === document.body || !current.isConnected) return;
    event.preventDefault();
    current.focus();
  };
  return (
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-50 animate-fade bg-black/45" />
      <Radix.Content
        onOpenAutoFocus={() => (opener.current = document.activeElement)}
        onCloseAutoFocus={giveFocusBack}
        {...(description === undefined ? { "aria-describedby": undefined } : {})}
        className={cn(dialogLook, "flex flex-col", className)}
      >
        <header className="flex items-start justify-between gap-4 px-5 pt-4">
          <div>
            <Radix.Title className="text-base font-semibold">{title}</Radix.Title>
            {description !== undefined && (
              <Radix.Description className="mt-1 text-sm text-ink-muted">{description}</Radix.Description>
            )}
          </div>
          <Radix.Close
            aria-label="Close"
            className="-mr-1.5 rounded p-1 text-ink-faint hover:bg-sunken hover:text-ink"
          >
            <X aria-hidden className="size-4" />
          </Radix.Close>
        </header>
        <div className="min-h-0 overflow-y-auto px-5 pt-4 pb-5">{children}</div>
      </Radix.Content>
    </Radix.Portal>
  );
}

export const DialogActions = ({ children }: { children: ReactNode }) => (
  <div className="mt-5 flex flex-wrap justify-end gap-2">{children}</div>
);
