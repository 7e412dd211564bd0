import { useLocation } from "@remix-run/react";
import { ChevronRight, ChevronsLeft } from "lucide-react";

import { count, formatNumber } from "@domain/format";

import { ButtonLink } from "./button";
import { firstPage } from "./paths";

export interface KeysetPaginationProps {
  /** The number of rows on this page, and the number of rows in all. */
  shown: number;
  total: number;
  /** The place at which the next page begins; null on the last page. */
  next: string | null;
  /** What the list counts, in the singular. */
  noun: string;
  /** Its plural, if that is not the singular with an s. */
  plural?: string;
}

/**
 * The pages of a list that continues after a place instead of at a number, so that every page is as fast as the first.
 */
export function KeysetPagination({ shown, total, next, noun, plural = `${noun}s` }: KeysetPaginationProps) {
  const { search } = useLocation();
  const isFirst = !new URLSearchParams(search).has("after");
  const to = (after: string | null) => {
    const target = firstPage(search);
    if (after !== null) target.set("after", after);
    return `?${target}`;
  };
  const counted = count(total, noun, plural);
  return (
    <nav
      aria-label={`Pages of ${plural}`}
      className="flex flex-wrap items-center justify-between gap-x-4 gap-y-2 border-t border-line px-4 py-2.5 text-xs text-ink-muted tabular-nums"
    >
      <p>{shown === total ? counted : `${formatNumber(shown)} of ${counted}`}</p>
      {(next !== null || !isFirst) && (
        <div className="flex items-center gap-2">
          {!isFirst && (
            <ButtonLink to={to(null)} size="sm">
              <ChevronsLeft aria-hidden />
              First page
            </ButtonLink>
          )}
          {next !== null && (
            <ButtonLink to={to(next)} size="sm">
              Next page
              <ChevronRight aria-hidden />
            </ButtonLink>
          )}
        </div>
      )}
    </nav>
  );
}
