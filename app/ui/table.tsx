import type { HTMLAttributes, TableHTMLAttributes, TdHTMLAttributes, ThHTMLAttributes } from "react";

import { cn } from "./cn";

/** A table that scrolls sideways if it is too wide, so that the page never does. */
export const Table = ({
  className,
  label,
  ...rest
}: TableHTMLAttributes<HTMLTableElement> & { label: string }) => (
  // Focusable, so that a keyboard can scroll the table; positioned, so that its hidden contents cannot widen the page.
  <div className="relative overflow-x-auto" role="region" aria-label={label} tabIndex={0}>
    <table className={cn("w-full border-collapse text-sm tabular-nums", className)} {...rest} />
  </div>
);

export const Th = ({ className, scope = "col", ...rest }: ThHTMLAttributes<HTMLTableCellElement>) => (
  <th
    scope={scope}
    className={cn(
      "border-b border-line px-3 py-2 text-left text-xs font-medium whitespace-nowrap text-ink-faint first:pl-4 last:pr-4",
      className,
    )}
    {...rest}
  />
);

export const Td = ({ className, ...rest }: TdHTMLAttributes<HTMLTableCellElement>) => (
  <td className={cn("px-3 py-2 align-middle first:pl-4 last:pr-4", className)} {...rest} />
);

export const Tr = ({ className, ...rest }: HTMLAttributes<HTMLTableRowElement>) => (
  <tr className={cn("border-b border-line last:border-0 hover:bg-sunken/60", className)} {...rest} />
);
