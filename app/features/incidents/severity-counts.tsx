import { Link, useLocation } from "@remix-run/react";

import { formatNumber } from "@domain/format";
import type { Severity } from "@domain/incident-state";
import { Dot } from "~/ui/badge";
import { cn } from "~/ui/cn";
import { severityLabels } from "~/ui/labels";

/** The open incidents by severity; each number leads to its incidents, and the chosen one back to all. */
export function IncidentSeverityCounts({
  counts,
  chosen,
}: {
  counts: { severity: Severity; n: number }[];
  chosen: string;
}) {
  const { search } = useLocation();
  const to = (severity: string) => {
    const params = new URLSearchParams(search);
    params.delete("after");
    if (severity === chosen) params.delete("severity");
    else params.set("severity", severity);
    return `?${params}`;
  };
  return (
    <ul aria-label="Open incidents by severity" className="mb-5 grid grid-cols-3 gap-2 sm:grid-cols-5">
      {counts.map(({ severity, n }) => (
        <li key={severity}>
          <Link
            to={to(severity)}
            aria-current={severity === chosen || undefined}
            preventScrollReset
            className={cn(
              "block rounded-lg border bg-surface px-3 py-2.5 shadow-card hover:border-line-strong",
              severity === chosen ? "border-accent" : "border-line",
            )}
          >
            <span className="flex items-center gap-1.5 text-xs text-ink-muted">
              <Dot tone={severityLabels[severity].tone} />
              {severityLabels[severity].text}
            </span>
            <span
              className={cn("mt-0.5 block text-xl font-semibold tabular-nums", n === 0 && "text-ink-faint")}
            >
              {formatNumber(n)}
            </span>
          </Link>
        </li>
      ))}
    </ul>
  );
}
