import { Link, useLocation } from "@remix-run/react";

import { formatNumber } from "@domain/format";
import { Dot } from "~/ui/badge";
import { cn } from "~/ui/cn";
import { severityLabels } from "~/ui/labels";

import type { ActiveAlerts } from "./alerts.page.server";

const severities = ["critical", "major", "moderate", "minor", "none"] as const;

/** The open alerts by severity; each number leads to its alerts, and the chosen one back to all. */
export function SeverityCounts({ active, chosen }: { active: ActiveAlerts; chosen: string }) {
  const { search } = useLocation();
  const to = (severity: string) => {
    const params = new URLSearchParams(search);
    params.delete("page");
    if (severity === chosen) params.delete("severity");
    else params.set("severity", severity);
    return `?${params}`;
  };
  return (
    <ul aria-label="Open alerts by severity" className="mb-5 grid grid-cols-3 gap-2 sm:grid-cols-5">
      {severities.map((severity) => {
        const { text, tone } = severityLabels[severity];
        const isChosen = severity === chosen;
        return (
          <li key={severity}>
            <Link
              to={to(severity)}
              aria-current={isChosen || undefined}
              preventScrollReset
              className={cn(
                "block rounded-lg border bg-surface px-3 py-2.5 shadow-card hover:border-line-strong",
                isChosen ? "border-accent" : "border-line",
              )}
            >
              <span className="flex items-center gap-1.5 text-xs text-ink-muted">
                <Dot tone={tone} />
                {text}
              </span>
              <span
                className={cn(
                  "mt-0.5 block text-xl font-semibold tabular-nums",
                  active.bySeverity[severity] === 0 && "text-ink-faint",
                )}
              >
                {formatNumber(active.bySeverity[severity])}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
