import { Link } from "@remix-run/react";

import { Table, Td, Th, Tr } from "../ui/table";
import { RelativeTime, useClock } from "../ui/time";
import { syncTypeWords, triggerWords } from "../words";
import { durationText, outcomeText, type Run } from "./run-figures";
import { RunStatusBadge } from "./run-status";

/** Runs, newest first. `compact` leaves out what a glance does not need. */
export function RunTable({ runs, compact = false }: { runs: Run[]; compact?: boolean }) {
  const { now } = useClock();
  return (
    <Table label="Sync runs">
      <thead>
        <tr>
          <Th>Run</Th>
          <Th>Status</Th>
          <Th className="hidden md:table-cell">Outcome</Th>
          {!compact && <Th className="hidden lg:table-cell">Asked by</Th>}
          <Th className="hidden text-right sm:table-cell">Duration</Th>
          <Th className="text-right">When</Th>
        </tr>
      </thead>
      <tbody>
        {runs.map((run) => (
          <Tr key={run.id}>
            <Td>
              <Link
                to={`/runs/${run.id}`}
                prefetch="intent"
                className="font-medium whitespace-nowrap hover:underline"
              >
                {syncTypeWords[run.type]}
              </Link>
              <span className="block text-xs text-ink-faint">{run.integration}</span>
            </Td>
            <Td>
              <RunStatusBadge status={run.status} />
            </Td>
            <Td className="hidden max-w-80 text-ink-muted md:table-cell">
              {run.errorMessage === null ? (
                outcomeText(run)
              ) : (
                <span className="line-clamp-2 text-bad">{run.errorMessage}</span>
              )}
            </Td>
            {!compact && (
              <Td className="hidden text-ink-muted lg:table-cell">
                {triggerWords[run.trigger]}
                {run.trigger === "manual" && (
                  <span className="block max-w-48 truncate text-xs text-ink-faint">{run.actor}</span>
                )}
              </Td>
            )}
            <Td className="hidden text-right text-ink-muted sm:table-cell">{durationText(run, now)}</Td>
            <Td className="text-right text-ink-muted">
              <RelativeTime at={run.requestedAt} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );
}
