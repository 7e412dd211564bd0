import { Link } from "@remix-run/react";

import { cn } from "~/ui/cn";
import { isInFlight, syncTypeLabels, triggerLabels } from "~/ui/labels";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime, useClock } from "~/ui/time";

import { durationText, outcomeText, type ShownRun } from "./run-figures";
import { RunProgress } from "./run-progress";
import { RunStatusBadge } from "./run-status";
import { RunTargetLink } from "./run-target-link";

/** Runs, newest first, with the progress of active ones. `compact` fits into half a page. */
export function RunTable({ runs, compact = false }: { runs: ShownRun[]; compact?: boolean }) {
  const { now } = useClock();
  return (
    <Table label="Sync runs">
      <thead>
        <tr>
          <Th>Run</Th>
          <Th className="hidden sm:table-cell">Status</Th>
          {!compact && <Th className="hidden md:table-cell">Outcome</Th>}
          {!compact && <Th className="hidden xl:table-cell">Started by</Th>}
          {!compact && <Th className="hidden text-right sm:table-cell">Duration</Th>}
          <Th className="text-right">When</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Tr key={run.id}>
            <Td className={cn("wrap-anywhere min-w-36", compact && "w-full")}>
              <Link
                to={`/runs/${run.id}`}
                prefetch="intent"
                className="font-medium whitespace-nowrap hover:underline"
              >
                {syncTypeLabels[run.type]}
              </Link>
              {run.target !== null && (
                <RunTargetLink run={run} className="block max-w-36 truncate sm:max-w-56" />
              )}
              <span className="block text-xs text-ink-faint">
                {run.integration}
                {compact && !isInFlight(run.status) && (
                  <>
                    {" · "}
                    <Outcome run={run} />
                  </>
                )}
              </span>
              {isInFlight(run.status) && (
                <div className={cn("mt-1.5 min-w-40", !compact && "md:hidden")}>
                  <RunProgress run={run} />
                </div>
              )}
              <span className="mt-1 block sm:hidden">
                <RunStatusBadge status={run.status} />
              </span>
            </Td>
            <Td className="hidden sm:table-cell">
              <RunStatusBadge status={run.status} />
            </Td>
            {!compact && (
              <Td className="hidden max-w-80 text-ink-muted md:table-cell">
                {isInFlight(run.status) ? (
                  <RunProgress run={run} />
                ) : (
                  <span className="line-clamp-2">
                    <Outcome run={run} />
                  </span>
                )}
              </Td>
            )}
            {!compact && (
              <Td className="hidden text-ink-muted xl:table-cell">
                {triggerLabels[run.trigger]}
                {run.trigger === "manual" && (
                  <span className="block max-w-48 truncate text-xs text-ink-faint">{run.actor}</span>
                )}
              </Td>
            )}
            {!compact && (
              <Td className="hidden text-right text-ink-muted sm:table-cell">{durationText(run, now)}</Td>
            )}
            <Td className="text-right text-ink-muted">
              <RelativeTime at={run.requestedAt} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}

const Outcome = ({ run }: { run: ShownRun }) =>
  run.errorMessage === null ? <>{outcomeText(run)}</> : <span className="text-bad">{run.errorMessage}</span>;
