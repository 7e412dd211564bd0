import { DropdownMenu as Radix } from "radix-ui";
import type { ComponentProps, ReactNode } from "react";

import { cn } from "./cn";

export const Menu = Radix.Root;
export const MenuTrigger = Radix.Trigger;

export const MenuContent = ({
  children,
  align = "end",
}: {
  children: ReactNode;
  align?: "start" | "end";
}) => (
  <Radix.Portal>
    <Radix.Content
      align={align}
      sideOffset={4}
      className="z-50 min-w-44 animate-enter rounded-lg border border-line bg-raised p-1 text-sm shadow-pop"
    >
      {children}
    </Radix.Content>
  </Radix.Portal>
);

export const MenuItem = ({
  className,
  danger,
  ...rest
}: ComponentProps<typeof Radix.Item> & { danger?: boolean }) => (
  <Radix.Item
    className={cn(
      "flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 outline-none data-disabled:opacity-50 data-highlighted:bg-sunken [&_svg]:size-4 [&_svg]:text-ink-faint",
      danger && "text-bad [&_svg]:text-bad",
      className,
    )}
    {...rest}
  />
);

export const MenuSeparator = () => <Radix.Separator className="my-1 h-px bg-line" />;
