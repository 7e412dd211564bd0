import type { SerializeFrom } from "@remix-run/node";
import { Link } from "@remix-run/react";

import { Badge } from "~/ui/badge";
import { ButtonLink } from "~/ui/button";
import { Card, CardHeader } from "~/ui/card";
import { ConfirmButton } from "~/ui/confirm-button";
import { severityLabels } from "~/ui/labels";
import { RowButton } from "~/ui/row-button";
import { Table, Td, Th, Tr } from "~/ui/table";
import { RelativeTime } from "~/ui/time";

import { resolutionLabels, ticketStatusOf } from "./labels";
import { shownPreset } from "./presets";
import type { TicketSystemsPage } from "./ticket-systems.page.server";

type Page = SerializeFrom<TicketSystemsPage>;

const automaticText = ({ automaticFrom }: Page["systems"][number]): string =>
  automaticFrom === null
    ? "Opens tickets when asked"
    : `Opens tickets from ${severityLabels[automaticFrom].text.toLowerCase()} on`;

export const SystemTable = ({ systems }: { systems: Page["systems"] }) => (
  <Card>
    <CardHeader title="Ticket systems" />
    <Table label="Ticket systems">
      <thead>
        <tr>
          <Th>System</Th>
          <Th className="hidden sm:table-cell">Last success</Th>
        </tr>
      </thead>
      <tbody>
        {systems.map((system) => (
          <Tr key={system.id}>
            <Td className="wrap-anywhere sm:min-w-56">
              <span className="font-medium">{system.label}</span>
              {system.isPaused && (
                <Badge tone="warn" className="ml-2">
                  Paused
                </Badge>
              )}
              <span className="block text-xs text-ink-faint">
                {shownPreset(system.preset).label} · {system.address}
              </span>
              <span className="block text-xs text-ink-faint">
                {automaticText(system)} · when resolved: {resolutionLabels[system.onResolve].toLowerCase()}
              </span>
              <div className="mt-1 text-xs text-ink-muted sm:hidden">
                Last success: <LastSuccess {...system} />
              </div>
              <SystemActions {...system} />
            </Td>
            <Td className="hidden align-top wrap-anywhere sm:table-cell">
              <LastSuccess {...system} />
            </Td>
          </Tr>
        ))}
      </tbody>
    </Table>
  </Card>
);

const LastSuccess = ({
  lastSucceededAt,
  lastError,
  restsUntil,
}: Pick<Page["systems"][number], "lastSucceededAt" | "lastError" | "restsUntil">) => (
  <>
    <RelativeTime at={lastSucceededAt} absent="nothing yet" />
    {lastError !== null && <span className="block text-xs text-bad">{lastError}</span>}
    {restsUntil !== null && (
      <span className="block text-xs text-ink-faint">
        tried again <RelativeTime at={restsUntil} />
      </span>
    )}
  </>
);

const HERE = "/settings/tickets";

const SystemActions = ({ id, label, isPaused }: { id: string; label: string; isPaused: boolean }) => (
  <div className="mt-2 flex flex-wrap gap-2">
    <RowButton intent="test" fields={{ id }} action={HERE}>
      Test
    </RowButton>
    <ButtonLink to={`?edit=${id}`} variant="secondary" size="sm" aria-label={`Edit ${label}`}>
      Edit
    </ButtonLink>
    <ButtonLink
      to={`${HERE}/${id}/companies`}
      variant="secondary"
      size="sm"
      aria-label={`Companies in ${label}`}
    >
      Companies
    </ButtonLink>
    <RowButton intent={isPaused ? "resume" : "pause"} fields={{ id }} action={HERE}>
      {isPaused ? "Resume" : "Pause"}
    </RowButton>
    <ConfirmButton intent="remove" fields={{ id }} label="Remove" title={`Remove ${label}?`} confirm="Remove">
      Existing tickets stay in the helpdesk but get no more updates. Tickets that were not opened yet are
      dropped.
    </ConfirmButton>
  </div>
);

/** Tickets that need a person; their incidents' pages have the buttons. */
export const TroubledTable = ({ troubled }: { troubled: Page["troubled"] }) => (
  <Card>
    <CardHeader
      title="Tickets that need you"
      description="Open the incident to say whether the ticket is there, or to try again."
    />
    <Table label="Tickets that need you">
      <thead>
        <tr>
          <Th>Incident</Th>
          <Th>State</Th>
          <Th className="hidden sm:table-cell">Reason</Th>
        </tr>
      </thead>
      <tbody>
        {troubled.map((row) => {
          const { text, tone } = ticketStatusOf(row);
          return (
            <Tr key={row.id}>
              <Td className="min-w-40 wrap-anywhere">
                <Link to={`/alerts/incidents/${row.incidentId}`} className="font-medium hover:underline">
                  {row.incident}
                </Link>
                <span className="block text-xs text-ink-faint">
                  {row.system ?? "a removed system"} · <RelativeTime at={row.updatedAt} />
                </span>
                <span className="block text-xs text-ink-faint sm:hidden">{row.lastError}</span>
              </Td>
              <Td>
                <Badge tone={tone}>{text}</Badge>
              </Td>
              <Td className="hidden text-ink-muted wrap-anywhere sm:table-cell">{row.lastError}</Td>
            </Tr>
          );
        })}
      </tbody>
    </Table>
  </Card>
);
