import { Tooltip as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";

export const TooltipProvider = ({ children }: { children: ReactNode }) => (
  <Radix.Provider delayDuration={300}>{children}</Radix.Provider>
);

/** A text about a control, shown on hover and focus. Must never be the only place of a fact. */
export const Tooltip = ({ text, children }: { text: ReactNode; children: ReactElement }) => (
  <Radix.Root>
    <Radix.Trigger asChild>{children}</Radix.Trigger>
    <Radix.Portal>
      <Radix.Content
        sideOffset={6}
        collisionPadding={8}
        className="z-60 max-w-64 animate-fade rounded-md bg-ink px-2 py-1 text-xs text-canvas shadow-pop"
      >
        {text}
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
);
