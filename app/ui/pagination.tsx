import { Link, useLocation } from "@remix-run/react";
import { ChevronLeft, ChevronRight } from "lucide-react";

import { count, formatNumber } from "@domain/format";

import { cn } from "./cn";

export interface PaginationProps {
  page: number;
  pageSize: number;
  total: number;
  /** What the list counts, in the singular. */
  noun: string;
  /** Its plural, if that is not the singular with an s. */
  plural?: string;
}

/** "1–50 of 2,481 assets", with links to the previous and next page. Keeps the filters of the address. */
export function Pagination({ page, pageSize, total, noun, plural = `${noun}s` }: PaginationProps) {
  const pages = Math.max(1, Math.ceil(total / pageSize));
  const first = total === 0 ? 0 : (page - 1) * pageSize + 1;
  const last = Math.min(page * pageSize, total);
  return (
    <nav
      aria-label={`Pages of ${plural}`}
      className="flex items-center justify-between gap-4 border-t border-line px-4 py-2.5 text-xs text-ink-muted tabular-nums"
    >
      <p>
        {formatNumber(first)}–{formatNumber(last)} of {count(total, noun, plural)}
      </p>
      {pages > 1 && (
        <div className="flex items-center gap-1">
          <PageLink to={page - 1} disabled={page <= 1} label="Previous page" icon={ChevronLeft} />
          <span className="px-1">
            Page {formatNumber(page)} of {formatNumber(pages)}
          </span>
          <PageLink to={page + 1} disabled={page >= pages} label="Next page" icon={ChevronRight} />
        </div>
      )}
    </nav>
  );
}

interface PageLinkProps {
  to: number;
  disabled: boolean;
  label: string;
  icon: typeof ChevronLeft;
}

function PageLink({ to, disabled, label, icon: Icon }: PageLinkProps) {
  const { search } = useLocation();
  const params = new URLSearchParams(search);
  if (to <= 1) params.delete("page");
  else params.set("page", String(to));
  const look = cn(
    "grid size-7 place-items-center rounded-md border border-line-strong bg-surface text-ink shadow-card",
    disabled ? "opacity-40" : "hover:bg-sunken",
  );
  if (disabled) {
    return (
      <span aria-hidden className={look}>
        <Icon className="size-4" />
      </span>
    );
  }
  return (
    <Link to={`?${params}`} preventScrollReset={false} aria-label={label} className={look}>
      <Icon aria-hidden className="size-4" />
    </Link>
  );
}
