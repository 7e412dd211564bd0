import { Link } from "@remix-run/react";
import { ChevronLeft } from "lucide-react";
import type { ReactNode } from "react";

export interface PageHeaderProps {
  title: ReactNode;
  description?: ReactNode;
  /** The page above this one. */
  back?: { to: string; label: string };
  badges?: ReactNode;
  actions?: ReactNode;
}

export const PageHeader = ({ title, description, back, badges, actions }: PageHeaderProps) => (
  <header className="mb-5 flex flex-wrap items-end justify-between gap-x-6 gap-y-3">
    <div className="min-w-0">
      {back !== undefined && (
        <Link
          to={back.to}
          className="mb-1 -ml-1 flex w-fit max-w-full items-center gap-0.5 rounded-sm text-xs text-ink-muted hover:text-ink"
        >
          <ChevronLeft aria-hidden className="size-3.5 shrink-0" />
          <span className="truncate" title={back.label}>
            {back.label}
          </span>
        </Link>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
        <h1 className="min-w-0 text-xl [overflow-wrap:anywhere] font-semibold tracking-tight">{title}</h1>
        {badges}
      </div>
      {description !== undefined && (
        <p className="mt-1 max-w-prose [overflow-wrap:anywhere] text-sm text-ink-muted">{description}</p>
      )}
    </div>
    {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
  </header>
);
