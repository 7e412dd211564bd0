import { Link, useLocation } from "@remix-run/react";

import { alertSeverities, type AlertSeverity } from "@domain/alert-words";
import { formatNumber } from "@domain/format";
import { Dot } from "~/ui/badge";
import { cn } from "~/ui/cn";
import { severityLabels } from "~/ui/labels";

export interface SeverityCountsProps {
  /** The plural of what is counted: "open alerts". */
  noun: string;
  bySeverity: Record<AlertSeverity, number>;
  chosen: string;
  /**
   * The name of the address's parameter for the place in the list, which the list of another severity must not keep.
   */
  place: string;
}

/** The number of rows of each severity. Each number links to its rows, the chosen one back to all. */
export function SeverityCounts({ noun, bySeverity, chosen, place }: SeverityCountsProps) {
  const { search } = useLocation();
  const to = (severity: string) => {
    const params = new URLSearchParams(search);
    params.delete(place);
    if (severity === chosen) params.delete("severity");
    else params.set("severity", severity);
    return `?${params}`;
  };
  return (
    <ul aria-label={`${noun} by severity`} className="mb-5 grid grid-cols-3 gap-2 sm:grid-cols-5">
      {alertSeverities.map((severity) => {
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
                  bySeverity[severity] === 0 && "text-ink-faint",
                )}
              >
                {formatNumber(bySeverity[severity])}
              </span>
            </Link>
          </li>
        );
      })}
    </ul>
  );
}
