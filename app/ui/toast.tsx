import { CircleAlert, CircleCheck, Info, X } from "lucide-react";
import { useEffect, useState } from "react";

import type { Flash } from "~/platform/ports";

import { cn } from "./cn";
import { useHydrated } from "./hydrated";

/** Milliseconds that a success message stays; an error stays until the person closes it. */
const SHOWN_MS = 6000;
const MAX_SHOWN = 3;

const looks = {
  success: { icon: CircleCheck, mark: "text-good" },
  error: { icon: CircleAlert, mark: "text-bad" },
  info: { icon: Info, mark: "text-info" },
} as const;

/**
 * Shows the flash messages of this page and the following ones in a corner. The server's page contains the first one,
 * so that it appears without scripts too.
 */
export function Toaster({ flash }: { flash: Flash | null }) {
  const [shown, setShown] = useState<Flash[]>(flash === null ? [] : [flash]);
  const [latest, setLatest] = useState(flash?.id);
  if (flash !== null && flash.id !== latest) {
    setLatest(flash.id);
    setShown([...shown, flash].slice(-MAX_SHOWN));
  }
  const close = (id: string) => setShown((toasts) => toasts.filter((toast) => toast.id !== id));
  return (
    <div
      role="status"
      aria-live="polite"
      className="pointer-events-none fixed inset-x-4 bottom-4 z-60 flex flex-col items-end gap-2 print:hidden"
    >
      {shown.map((toast) => (
        <Toast key={toast.id} toast={toast} onClose={() => close(toast.id)} />
      ))}
    </div>
  );
}

function Toast({ toast, onClose }: { toast: Flash; onClose: () => void }) {
  const [held, setHeld] = useState(false);
  const interactive = useHydrated();
  useEffect(() => {
    if (held || toast.kind === "error") return;
    const timer = setTimeout(onClose, SHOWN_MS);
    return () => clearTimeout(timer);
  });
  const { icon: Icon, mark } = looks[toast.kind];
  return (
    <div
      onMouseEnter={() => setHeld(true)}
      onMouseLeave={() => setHeld(false)}
      className="pointer-events-auto flex w-full max-w-sm animate-enter items-start gap-2.5 rounded-lg border border-line bg-raised px-3.5 py-3 text-sm shadow-pop"
    >
      <Icon aria-hidden className={cn("mt-0.5 size-4 shrink-0", mark)} />
      <p className="min-w-0 flex-1">{toast.text}</p>
      {interactive && (
        <button
          type="button"
          onClick={onClose}
          aria-label="Close this message"
          className="-m-1 rounded p-1 text-ink-faint hover:text-ink"
        >
          <X aria-hidden className="size-4" />
        </button>
      )}
    </div>
  );
}
