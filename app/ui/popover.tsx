import { Popover as Radix } from "radix-ui";
import type { ComponentProps } from "react";

import { cn } from "./cn";

export const Popover = Radix.Root;
export const PopoverTrigger = Radix.Trigger;

/** A small panel beside the control that opened it. Escape and a click elsewhere close it. */
export const PopoverContent = ({ className, ...rest }: ComponentProps<typeof Radix.Content>) => (
  <Radix.Portal>
    <Radix.Content
      align="start"
      sideOffset={4}
      collisionPadding={8}
      className={cn(
        "z-50 w-72 animate-enter rounded-lg border border-line bg-raised text-sm shadow-pop outline-none",
        className,
      )}
      {...rest}
    />
  </Radix.Portal>
);
