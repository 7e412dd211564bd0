import type { SerializeFrom } from "@remix-run/node";

import { Badge } from "~/ui/badge";
import { Card, CardBody, CardFooter, CardHeader } from "~/ui/card";
import { Field, Input, Select } from "~/ui/field";
import { PostForm, SubmitButton } from "~/ui/form";
import { RelativeTime } from "~/ui/time";

import { actionLabels, attemptLabels, ticketStatusOf } from "./labels";
import type { TicketOfIncident } from "./ticket.page.server";

export interface TicketCardProps {
  ticket: SerializeFrom<TicketOfIncident>;
  /** The systems in which a ticket can be opened. */
  systems: { id: string; label: string }[];
  mayWrite: boolean;
}

/** The ticket of an incident, or the button that opens one. */
export const TicketCard = ({ ticket, systems, mayWrite }: TicketCardProps) => {
  if (ticket === null) return mayWrite && systems.length > 0 ? <OpenTicketCard systems={systems} /> : null;
  const { text, tone } = ticketStatusOf(ticket);
  return (
    <Card>
      <CardHeader title="Ticket" actions={<Badge tone={tone}>{text}</Badge>} />
      <CardBody className="space-y-2 text-sm">
        <p className="wrap-anywhere">
          {ticket.url === null ? (
            <span className="font-medium">{ticket.number ?? ticket.externalId ?? "No number yet"}</span>
          ) : (
            <a
              href={ticket.url}
              target="_blank"
              rel="noreferrer"
              className="font-medium text-accent hover:underline"
            >
              {ticket.number ?? ticket.externalId}
            </a>
          )}
          <span className="text-ink-muted"> in {ticket.system ?? "a removed ticket system"}</span>
        </p>
        {ticket.lastError !== null && <p className="text-bad wrap-anywhere">{ticket.lastError}</p>}
        {ticket.action !== null && !ticket.isGivenUp && (
          <p className="text-ink-faint">
            {actionLabels[ticket.action]}: next attempt <RelativeTime at={ticket.nextAttemptAt} />
          </p>
        )}
        {ticket.log.length > 0 && (
          <details>
            <summary className="cursor-pointer text-xs text-ink-faint">Attempts</summary>
            <ol className="mt-1 space-y-1 text-xs text-ink-muted">
              {ticket.log.map(({ id, action, outcome, error, at }) => (
                <li key={id} className="wrap-anywhere">
                  <RelativeTime at={at} /> · {actionLabels[action]}: {attemptLabels[outcome]}
                  {error !== null && ` (${error})`}
                </li>
              ))}
            </ol>
          </details>
        )}
      </CardBody>
      {mayWrite && (ticket.status === "unknown" || ticket.isGivenUp) && <AnswerFooter ticket={ticket} />}
    </Card>
  );
};

const AnswerFooter = ({ ticket }: { ticket: NonNullable<TicketCardProps["ticket"]> }) => (
  <CardFooter className="flex flex-wrap items-end gap-3">
    {ticket.externalId === null && (
      <PostForm intent="name_ticket" className="flex flex-wrap items-end gap-2">
        <Field label="The ticket is there, its id is">
          <Input name="number" required maxLength={100} className="w-40" autoComplete="off" />
        </Field>
        <SubmitButton intent="name_ticket" variant="secondary">
          Save
        </SubmitButton>
      </PostForm>
    )}
    <PostForm intent="retry_ticket">
      <SubmitButton intent="retry_ticket" variant="secondary">
        {ticket.status === "unknown" ? "It is not there: open it" : "Try again"}
      </SubmitButton>
    </PostForm>
  </CardFooter>
);

const OpenTicketCard = ({ systems }: Pick<TicketCardProps, "systems">) => (
  <Card>
    <CardHeader title="Ticket" />
    <CardBody>
      <PostForm intent="open_ticket" className="flex flex-wrap items-center gap-2">
        {systems.length === 1 ? (
          <input type="hidden" name="system" value={systems[0]!.id} />
        ) : (
          <Select name="system" aria-label="Ticket system" className="w-auto">
            {systems.map(({ id, label }) => (
              <option key={id} value={id}>
                {label}
              </option>
            ))}
          </Select>
        )}
        <SubmitButton intent="open_ticket" variant="secondary">
          {systems.length === 1 ? `Open ticket in ${systems[0]!.label}` : "Open ticket"}
        </SubmitButton>
      </PostForm>
    </CardBody>
  </Card>
);
