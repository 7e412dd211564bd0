import { withTenant, type Db } from "@db/client";
import { readTicket } from "@db/queries/tickets/tickets";

const ATTEMPTS_SHOWN = 20;

/** The ticket of an incident with its latest attempts; null if it has none. Two statements. */
export const readTicketOf = (db: Db, tenantId: string, incidentId: string) =>
  withTenant(db, tenantId, (tx) => readTicket(tx, tenantId, incidentId, ATTEMPTS_SHOWN));

export type TicketOfIncident = Awaited<ReturnType<typeof readTicketOf>>;
