import { Link, useLocation } from "@remix-run/react";
import { ArrowDown, ArrowUp } from "lucide-react";
import type { ReactNode } from "react";

import { cn } from "./cn";
import { firstPage } from "./paths";
import { Th } from "./table";

export interface SortHeaderProps {
  /** The column's name in the address. */
  name: string;
  /** The current sort column, and whether it is reversed. */
  sort: string;
  isReversed: boolean;
  /** Whether the first sort is descending: large, late and Z first. */
  descends?: boolean;
  className?: string;
  children: ReactNode;
}

/** A column header that sorts by its column, and reverses the order if chosen again. Keeps the filters. */
export function SortHeader({
  name,
  sort,
  isReversed,
  descends = false,
  className,
  children,
}: SortHeaderProps) {
  const { search } = useLocation();
  const isSorted = sort === name;
  const params = firstPage(search);
  params.set("sort", name);
  if (isSorted && !isReversed) params.set("order", "reverse");
  else params.delete("order");
  const isDescending = descends !== isReversed;
  const Arrow = isDescending ? ArrowDown : ArrowUp;
  return (
    <Th aria-sort={isSorted ? (isDescending ? "descending" : "ascending") : undefined} className={className}>
      <Link
        to={`?${params}`}
        preventScrollReset
        className={cn("inline-flex items-center gap-1 rounded-sm hover:text-ink", isSorted && "text-ink")}
      >
        {children}
        {isSorted && <Arrow aria-hidden className="size-3" />}
      </Link>
    </Th>
  );
}
