import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { count, formatNumber } from "@domain/format";
import { cn } from "~/ui/cn";
import { Table, Td, Th, Tr } from "~/ui/table";
import { TickCell, TickHeader, type Ticks } from "~/ui/ticks";
import { RelativeTime } from "~/ui/time";

import { IncidentSeverityBadge, IncidentStateBadge } from "./incident-state";
import type { IncidentLine } from "./incidents.page.server";
import { incidentTitle } from "./labels";

type Line = SerializeFrom<IncidentLine>;

export interface IncidentTableProps {
  incidents: Line[];
  /** The id of the row that keyboard shortcuts act on; null for none. */
  current: string | null;
  /** The ticks of the rows; absent if rows cannot be selected. */
  ticks?: Ticks;
}

export const IncidentTable = ({ incidents, current, ticks }: IncidentTableProps) => (
  <Table label="Incidents">
    <thead>
      <tr>
        {ticks && <TickHeader ticks={ticks} />}
        <Th>Severity</Th>
        <Th>Incident</Th>
        <Th className="hidden md:table-cell">Where</Th>
        <Th className="hidden text-right lg:table-cell">Alerts</Th>
        <Th className="hidden sm:table-cell">State</Th>
        <Th className="hidden lg:table-cell">Owner</Th>
        <Th className="hidden text-right xl:table-cell">Since</Th>
      </tr>
    </thead>
    <tbody>
      {incidents.map((incident) => (
        <Tr
          key={incident.id}
          data-row={incident.id}
          aria-current={incident.id === current || undefined}
          className={cn(incident.id === current && "bg-sunken outline-2 -outline-offset-2 outline-accent")}
        >
          {ticks && (
            <TickCell ticks={ticks} field="incident" row={incident.id} name={incidentTitle(incident)} />
          )}
          <Td className="align-top">
            <IncidentSeverityBadge {...incident} />
          </Td>
          <Td className="max-w-96 min-w-40 align-top wrap-anywhere">
            <Link
              to={`/alerts/incidents/${incident.id}`}
              prefetch="intent"
              className="line-clamp-3 font-medium hover:underline"
              title={incidentTitle(incident)}
            >
              {incidentTitle(incident)}
            </Link>
            <span className="text-xs text-ink-muted md:hidden">
              <Where incident={incident} />
            </span>
            <span className="mt-1 flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-faint xl:hidden">
              <span className="sm:hidden">
                <IncidentStateBadge {...incident} />
              </span>
              <RelativeTime at={incident.openedAt} />
              {incident.owner !== null && <span className="lg:hidden">{incident.owner}</span>}
            </span>
            {incident.ticket !== null && <TicketLink ticket={incident.ticket} url={incident.ticketUrl} />}
          </Td>
          <Td className="hidden max-w-36 min-w-32 align-top wrap-anywhere md:table-cell xl:max-w-60">
            <Where incident={incident} />
          </Td>
          <Td className="hidden text-right align-top tabular-nums lg:table-cell">
            {formatNumber(incident.alerts)}
            <span className="block text-xs text-ink-faint">
              {incident.activeAlerts === 0 ? "none active" : `${formatNumber(incident.activeAlerts)} active`}
            </span>
          </Td>
          <Td className="hidden align-top sm:table-cell">
            <IncidentStateBadge {...incident} />
          </Td>
          <Td className="hidden max-w-40 truncate align-top text-ink-muted lg:table-cell">
            {incident.owner ?? <span className="text-ink-faint">nobody</span>}
          </Td>
          <Td className="hidden text-right align-top text-ink-muted xl:table-cell">
            <RelativeTime at={incident.openedAt} />
          </Td>
        </Tr>
      ))}
    </tbody>
  </Table>
);

const TicketLink = ({ ticket, url }: { ticket: string; url: string | null }) => (
  <span className="block text-xs text-ink-muted">
    Ticket{" "}
    {url === null ? (
      ticket
    ) : (
      <a href={url} target="_blank" rel="noreferrer" className="text-accent hover:underline">
        {ticket}
      </a>
    )}
  </span>
);

/** The device, or the number of devices, and the client. */
const Where = ({ incident }: { incident: Line }) => (
  <span className="block min-w-0">
    <span className="line-clamp-2">
      {incident.devices === 1 ? (incident.device ?? "Unknown device") : count(incident.devices, "device")}
    </span>
    <span className="block truncate text-xs text-ink-faint" title={incident.client ?? undefined}>
      {incident.client ?? "no client"}
    </span>
  </span>
);
