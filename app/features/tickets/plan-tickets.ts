import type { TenantDb } from "@db/client";
import { lockIncidents } from "@db/queries/incidents/formation";
import {
  endDuplicates,
  followMerges,
  insertTicket,
  listIncidentsToOpen,
  listTenantsToPlan,
  listTicketsToFollow,
  writeTicketPlans,
  type TicketPlan,
} from "@db/queries/tickets/planning";
import { retryConflict } from "@db/retry-conflict";
import { nextTicketStep } from "@domain/tickets";
import { inTransaction } from "~/platform/outbox/in-transaction";

import type { TicketDeps } from "./open-adapter";

const TICKETS_A_PASS = 500;

/**
 * Compares incidents with their tickets and stores what is missing: a ticket, a comment, an end. Compares present
 * states instead of following reports, so that a pass that is killed or comes late only delays. Tenants with nothing to
 * do cost no statement of their own.
 */
export async function planTickets(deps: Pick<TicketDeps, "db" | "clock" | "nudge">): Promise<void> {
  for (const tenantId of await listTenantsToPlan(deps.db, deps.clock())) {
    await retryConflict(() => inTransaction(deps, tenantId, (tx) => planOf(tx, tenantId, deps.clock())));
  }
}

async function planOf(tx: TenantDb, tenantId: string, now: Date): Promise<void> {
  // The lock keeps incidents from being formed or merged meanwhile.
  await lockIncidents(tx, tenantId);
  await followMerges(tx, tenantId);
  await endDuplicates(tx, tenantId, now);
  for (const wanted of await listIncidentsToOpen(tx, tenantId, now, TICKETS_A_PASS))
    await insertTicket(tx, { tenantId, ...wanted, requestedBy: null }, now);
  const plans: TicketPlan[] = [];
  for (const { id, said, incident, onResolve } of await listTicketsToFollow(
    tx,
    tenantId,
    now,
    TICKETS_A_PASS,
  )) {
    const step = nextTicketStep(said, incident, { onResolve, at: now });
    const plan = { id, action: null, nextAttemptAt: now, isUpToDate: false };
    if (step.state === "act") plans.push({ ...plan, action: step.action });
    if (step.state === "up_to_date") plans.push({ ...plan, isUpToDate: true });
    if (step.state === "wait") plans.push({ ...plan, nextAttemptAt: step.until });
  }
  await writeTicketPlans(tx, tenantId, plans);
}
