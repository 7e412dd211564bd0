import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";
import { Wrench } from "lucide-react";

import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { ConfirmButton } from "~/ui/confirm-button";
import { EmptyState } from "~/ui/empty-state";
import { RowButton } from "~/ui/row-button";
import { Table, Td, Th, Tr } from "~/ui/table";
import { ExactTime, RelativeTime } from "~/ui/time";

import type { Windows } from "./windows.page.server";

type Row = SerializeFrom<Windows>["windows"][number];

/** The windows, with the actions on each. */
export const WindowTable = ({ windows, mayWrite }: { windows: Row[]; mayWrite: boolean }) =>
  windows.length === 0 ? (
    <EmptyState
      icon={Wrench}
      title="No maintenance is planned"
      action={mayWrite && <ButtonLink to="/settings/maintenance/new">Plan maintenance</ButtonLink>}
    >
      During a window, incidents are still recorded, but they send no notices and open no tickets.
    </EmptyState>
  ) : (
    <Table label="Maintenance windows">
      <thead>
        <tr>
          <Th>Window</Th>
          <Th className="hidden sm:table-cell">Next</Th>
          <Th className="hidden md:table-cell">Suppresses</Th>
        </tr>
      </thead>
      <tbody>
        {windows.map((row) => (
          <Tr key={row.id}>
            <Td className="min-w-48 wrap-anywhere">
              <p className="flex flex-wrap items-center gap-2">
                <Link to={`/settings/maintenance/${row.id}`} className="font-medium hover:underline">
                  {row.name}
                </Link>
                <WindowBadge row={row} />
              </p>
              <p className="text-xs text-ink-muted">{row.times}</p>
              <p className="text-xs text-ink-faint">{row.about}</p>
              <p className="mt-1 text-xs text-ink-muted sm:hidden">
                <NextTime row={row} />
              </p>
              {mayWrite && <WindowActions row={row} />}
            </Td>
            <Td className="hidden align-top sm:table-cell">
              <NextTime row={row} />
            </Td>
            <Td className="hidden align-top text-ink-muted md:table-cell">{suppressedText(row)}</Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  );

const suppressedText = ({ suppressesNotices, suppressesTickets }: Row): string =>
  suppressesNotices && suppressesTickets ? "Notices and tickets" : suppressesNotices ? "Notices" : "Tickets";

function WindowBadge({ row }: { row: Row }) {
  if (row.isPaused) return <Badge tone="warn">Paused</Badge>;
  if (row.isRunning) return <Badge tone="info">Now</Badge>;
  return row.startsAt === null ? <Badge>Over</Badge> : null;
}

function NextTime({ row }: { row: Row }) {
  if (row.startsAt === null) return <span className="text-ink-faint">Will not repeat</span>;
  if (row.isRunning)
    return (
      <>
        ends <RelativeTime at={row.endsAt} />
      </>
    );
  return <ExactTime at={row.startsAt} />;
}

const HERE = "/settings/maintenance?index";

const WindowActions = ({ row: { id, name, isPaused } }: { row: Row }) => (
  <div className="mt-2 flex flex-wrap gap-2">
    <ButtonLink to={`/settings/maintenance/${id}`} variant="secondary" size="sm" aria-label={`Edit ${name}`}>
      Edit
    </ButtonLink>
    <RowButton intent={isPaused ? "resume" : "pause"} fields={{ window: id }} action={HERE}>
      {isPaused ? "Resume" : "Pause"}
    </RowButton>
    <ConfirmButton
      intent="delete"
      action={HERE}
      fields={{ window: id }}
      label="Delete"
      title={`Delete “${name}”?`}
      confirm="Delete"
    >
      If it is running now, notices about the incidents it keeps quiet go out within a minute.
    </ConfirmButton>
  </div>
);
