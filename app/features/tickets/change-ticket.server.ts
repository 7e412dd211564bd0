import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { getIncident } from "@db/queries/incidents/incident-page";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { insertTicket } from "@db/queries/tickets/planning";
import { lockTicketOf, updateTicket } from "@db/queries/tickets/tickets";
import type { Actor } from "@domain/actor";
import { inTransaction } from "~/platform/outbox/in-transaction";

import type { TicketDeps } from "./open-adapter";

type Deps = Pick<TicketDeps, "db" | "clock" | "nudge">;
interface IncidentRef {
  tenantId: string;
  incidentId: string;
}

/**
 * Requests a ticket for an incident, in the caller's transaction; a sender opens it soon after. An incident has at most
 * one.
 * @param requestedBy the person who requested it; null for a rule
 * @returns false if the incident already has a ticket, or there is no such incident or system
 */
const requestTicket = async (
  tx: TenantDb,
  request: IncidentRef & { systemId: string; requestedBy: string | null },
  now: Date,
): Promise<boolean> => (await insertTicket(tx, request, now)) !== undefined;

/** Requests a ticket on a person's behalf. Returns false if there is already one, or no such incident or system. */
export async function openTicket(
  deps: Deps,
  { systemId, ...ref }: IncidentRef & { systemId: string },
  actor: Actor,
): Promise<boolean> {
  const { tenantId, incidentId } = ref;
  const now = deps.clock();
  return inTransaction(deps, tenantId, async (tx) => {
    if (!(await requestTicket(tx, { ...ref, systemId, requestedBy: actor.name }, now))) return false;
    const entry = {
      incidentId,
      kind: "person_ticket_requested",
      actorUserId: actor.userId,
      actor: actor.name,
    };
    await insertIncidentEntries(tx, tenantId, [entry], now);
    await audit(tx, tenantId, actor, {
      action: "ticket.requested",
      targetType: "incident",
      targetId: incidentId,
      details: {},
    });
    return true;
  });
}

export type TicketAnswer =
  /** A person found the ticket in the ticket system. */
  | { kind: "found"; number: string }
  /** A person found no ticket there, or wants a given-up request to be tried again. */
  | { kind: "retry" };

/**
 * Applies a person's answer about a ticket that is not known to be open, or that was given up.
 * @returns false if its state has changed meanwhile
 */
export async function answerTicket(
  deps: Deps,
  ref: IncidentRef,
  answer: TicketAnswer,
  actor: Actor,
): Promise<boolean> {
  const { tenantId, incidentId } = ref;
  const now = deps.clock();
  return inTransaction(deps, tenantId, async (tx) => {
    const ticket = await lockTicketOf(tx, tenantId, incidentId);
    if (ticket === undefined || (ticket.status !== "unknown" && !ticket.isGivenUp)) return false;
    const again = { isGivenUp: false, attempts: 0, nextAttemptAt: now, lastError: null, updatedAt: now };
    if (answer.kind === "found") {
      if (ticket.externalId !== null) return false;
      const { number } = answer;
      const { severity, devices } = (await getIncident(tx, tenantId, incidentId))!;
      const said = { saidState: "open", saidSeverity: severity, saidDevices: devices, saidAt: now } as const;
      const found = {
        status: "open",
        externalId: number,
        number,
        action: null,
        isUnconfirmed: false,
      } as const;
      await updateTicket(tx, tenantId, ticket.id, { ...again, ...found, ...said, openedAt: now });
    } else {
      // If a person looked and found no ticket, the earlier attempt certainly opened none.
      const asPending =
        ticket.status === "unknown" ? ({ status: "pending", isUnconfirmed: false } as const) : {};
      const action = ticket.externalId === null ? "open" : (ticket.action ?? "comment");
      await updateTicket(tx, tenantId, ticket.id, { ...again, ...asPending, action });
    }
    await audit(tx, tenantId, actor, {
      action: answer.kind === "found" ? "ticket.named" : "ticket.retried",
      targetType: "incident",
      targetId: incidentId,
      details: answer.kind === "found" ? { number: answer.number } : {},
    });
    return true;
  });
}
