import { withTenant, type TenantDb } from "@db/client";
import { getIncident } from "@db/queries/incidents/incident-page";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { findCompanyOfIncident } from "@db/queries/tickets/companies";
import {
  claimTickets,
  findFirstTicket,
  listDeviceNames,
  recordTicketAttempt,
  type ClaimedTicket,
  type FirstTicket,
  type TicketResult,
} from "@db/queries/tickets/delivering";
import { cooldownUntil, nextAttemptAt } from "@domain/back-off";
import {
  duplicateComment,
  ticketComment,
  ticketDescription,
  ticketReference,
  ticketSummary,
  type TicketNews,
  type TicketSubject,
} from "@domain/tickets";
import { incidentTitle } from "~/features/incidents/labels";
import { deliverDue } from "~/platform/outbox/deliver-due";

import { openAdapter, type TicketDeps } from "./open-adapter";
import { planTickets } from "./plan-tickets";
import type { OpenOutcome, TellOutcome, TicketAdapter, TicketText } from "./ticket-port";

/** The most attempts at a time, in total and for one system, because a PSA allows few requests at once. */
const AT_ONCE = 10;
const PER_SYSTEM = 2;
/**
 * Milliseconds that a claim lasts: longer than an attempt, which may consist of a search, a token and a request of 30 s
 * each.
 */
const CLAIM_MS = 3 * 60_000;
const DEVICES_NAMED = 20;

type Done = OpenOutcome | TellOutcome;
/** `news`: what was sent to the ticket. `gone`: its incident no longer exists. `ask`: only a person can find out. */
type Outcome = ((Done | { state: "ask"; reason: string }) & { news?: TicketNews }) | { state: "gone" };

/**
 * Plans what tickets need, and carries out what is due.
 * @returns how many attempts were made
 */
export async function deliverTickets(deps: TicketDeps): Promise<number> {
  await planTickets(deps);
  return deliverDue<ClaimedTicket, Outcome>({
    clock: deps.clock,
    log: deps.log,
    claim: (now, until, total, inHand) =>
      claimTickets(deps.db, now, until, {
        total,
        perSystem: PER_SYSTEM,
        inHand: inHand.map(({ systemId }) => systemId),
      }),
    claimMs: CLAIM_MS,
    atOnce: AT_ONCE,
    attempt: (ticket) => attempt(deps, ticket),
    // An error here may have occurred after the request was sent.
    failed: (reason) => ({ state: "unknown", reason }),
    record: (ticket, outcome) => record(deps, ticket, outcome),
  });
}

async function attempt(deps: TicketDeps, ticket: ClaimedTicket): Promise<Outcome> {
  const { subject, first, companyId } = await readSubject(deps, ticket);
  if (subject === undefined) return { state: "gone" };
  const opened = await openAdapter(deps, ticket);
  if (opened.state === "lost") return { state: "refused", kind: "declined", reason: opened.reason };
  const { adapter } = opened;
  const reference = ticketReference(ticket.id);
  const text: TicketText = {
    ticketId: ticket.id,
    reference,
    summary: ticketSummary(reference, subject),
    description: ticketDescription(subject),
    severity: subject.severity,
    client: subject.client,
    companyId,
    link: subject.link,
  };
  const { state, severity, devices } = subject;
  const news: TicketNews = { state, severity, devices };
  if (ticket.action === "open") {
    const outcome = await openOnce(adapter, text, ticket, first !== undefined);
    return outcome.state === "gone" ? outcome : { ...outcome, news: { ...news, state: "open" } };
  }
  if (ticket.externalId === null) return { state: "gone" };
  const said: TicketNews = {
    state: ticket.saidState ?? "open",
    severity: ticket.saidSeverity ?? severity,
    devices: ticket.saidDevices ?? devices,
  };
  const ref = { ...text, externalId: ticket.externalId };
  const words =
    first === undefined
      ? ticketComment(said, subject)
      : duplicateComment(first, `${deps.publicUrl}/alerts/incidents/${first.incidentId}`);
  // The incident may have reopened since the ticket's end was planned.
  const isEnd = ticket.action === "close" && (state === "resolved" || first !== undefined);
  if (first !== undefined) news.state = "resolved";
  return { ...(await (isEnd ? adapter.close(ref, words) : adapter.comment(ref, words))), news };
}

/**
 * Opens a ticket, unless an earlier attempt has opened it: then a search finds it, or the system recognises the
 * repetition. If the incident was merged into another one that has a ticket, only looks for the ticket and opens none.
 */
async function openOnce(
  adapter: TicketAdapter,
  text: TicketText,
  { wasUnconfirmed }: ClaimedTicket,
  isDuplicate: boolean,
): Promise<OpenOutcome | { state: "ask"; reason: string } | { state: "gone" }> {
  if (isDuplicate && !wasUnconfirmed) return { state: "gone" };
  if (wasUnconfirmed && adapter.recovery === "none")
    return { state: "ask", reason: "an attempt to open it was cut short" };
  if (wasUnconfirmed && adapter.recovery === "search") {
    const found = await adapter.find(text);
    if (found.state === "opened") return found;
    // The search failed, so it is still unknown whether the earlier attempt opened a ticket.
    if (found.state !== "none")
      return { state: "unknown", reason: `it cannot be searched for: ${found.reason}` };
    if (isDuplicate) return { state: "gone" };
  }
  const outcome = await adapter.open(text);
  return outcome.state === "unknown" && adapter.recovery === "none"
    ? { state: "ask", reason: outcome.reason }
    : outcome;
}

async function readSubject(
  { db, publicUrl }: TicketDeps,
  { tenantId, incidentId, systemId }: ClaimedTicket,
): Promise<{ subject: TicketSubject | undefined; first: FirstTicket | undefined; companyId: string | null }> {
  return withTenant(db, tenantId, async (tx) => {
    const incident = await getIncident(tx, tenantId, incidentId);
    if (incident === undefined) return { subject: undefined, first: undefined, companyId: null };
    const { severity, client, devices, openedAt } = incident;
    const subject: TicketSubject = {
      title: incidentTitle(incident),
      state: incident.state === "resolved" ? "resolved" : "open",
      severity,
      client,
      devices,
      deviceNames: await listDeviceNames(tx, tenantId, incidentId, DEVICES_NAMED),
      openedAt,
      link: `${publicUrl}/alerts/incidents/${incidentId}`,
    };
    return {
      subject,
      first: await findFirstTicket(tx, tenantId, incidentId),
      companyId: await findCompanyOfIncident(tx, { tenantId, systemId }, incidentId),
    };
  });
}

async function record(deps: TicketDeps, ticket: ClaimedTicket, outcome: Outcome): Promise<void> {
  const now = deps.clock();
  const result = judge(ticket, outcome, now);
  const { tenantId } = ticket;
  await withTenant(deps.db, tenantId, async (tx) => {
    if (await recordTicketAttempt(tx, ticket, result, now)) await noteOnIncident(tx, ticket, result, now);
  });
  if (result.isGivenUp || result.status === "unknown") {
    const { id: ticketId, systemId, action } = ticket;
    deps.log.warn({ tenantId, ticketId, systemId, action, reason: result.error }, "a ticket needs a person");
  }
}

/** Adds what happened to a ticket to its incident's timeline. */
async function noteOnIncident(
  tx: TenantDb,
  { tenantId, incidentId, action, externalId }: ClaimedTicket,
  { outcome, status, isGivenUp, opened, error }: TicketResult,
  now: Date,
): Promise<void> {
  const kind =
    outcome === "done"
      ? ({ open: "ticket_opened", comment: "ticket_commented", close: "ticket_closed" } as const)[action]
      : status === "unknown"
        ? "ticket_unknown"
        : isGivenUp
          ? "ticket_given_up"
          : undefined;
  if (kind === undefined) return;
  const details = opened === null ? { error } : { number: opened.number ?? opened.externalId };
  await insertIncidentEntries(tx, tenantId, [{ incidentId, kind, details }], now);
  // Also notes in the remaining incident what happened to the second ticket.
  const first = action === "open" ? undefined : await findFirstTicket(tx, tenantId, incidentId);
  if (first === undefined || outcome !== "done") return;
  const merged = { incidentId: first.incidentId, kind: "ticket_merged", details: { number: externalId } };
  await insertIncidentEntries(tx, tenantId, [merged], now);
}

/** The new state of a ticket after an attempt. */
function judge(ticket: ClaimedTicket, outcome: Outcome, now: Date): TicketResult {
  const { action, attempts, externalId, wasUnconfirmed } = ticket;
  const status = externalId === null ? "pending" : "open";
  const base: TicketResult = {
    status,
    action,
    attempts,
    nextAttemptAt: now,
    isUnconfirmed: action === "open",
    isGivenUp: false,
    error: null,
    outcome: "done",
    said: null,
    opened: null,
    failures: 0,
    restsUntil: null,
  };
  switch (outcome.state) {
    case "opened": {
      const { externalId: id, number, url } = outcome;
      const opened = { externalId: id, number, url };
      return {
        ...base,
        status: "open",
        action: null,
        attempts: 0,
        isUnconfirmed: false,
        said: outcome.news!,
        opened,
      };
    }
    case "done": {
      const said = outcome.news!;
      return {
        ...base,
        status: said.state === "resolved" ? "closed" : "open",
        action: null,
        attempts: 0,
        said,
      };
    }
    case "gone":
      return {
        ...base,
        action: null,
        outcome: "refused",
        error: "its incident is not there any more",
        isGivenUp: true,
      };
    case "ask": {
      const error = outcome.reason;
      return { ...base, status: "unknown", action: null, outcome: "unknown", error, isUnconfirmed: true };
    }
    case "refused":
    case "unknown": {
      const isLimited = outcome.state === "refused" && outcome.kind === "limited";
      const isAway = outcome.state === "unknown" || outcome.kind === "away" || isLimited;
      const failures = isAway ? ticket.failures + 1 : 0;
      const asked = new Date(now.getTime() + ((outcome.state === "refused" && outcome.retryAfterMs) || 0));
      // A rate limit is not a failure, so it does not count as an attempt.
      const spent = isLimited ? attempts - 1 : attempts;
      const next = nextAttemptAt(Math.max(1, spent), now);
      const rest = isAway ? cooldownUntil(failures, now) : null;
      return {
        ...base,
        attempts: spent,
        nextAttemptAt: next === null || next > asked ? (next ?? now) : asked,
        isGivenUp: next === null,
        outcome: outcome.state,
        error: outcome.reason,
        isUnconfirmed: action === "open" && (outcome.state === "unknown" || wasUnconfirmed),
        failures,
        restsUntil: rest !== null && asked > rest ? asked : rest,
      };
    }
  }
}
