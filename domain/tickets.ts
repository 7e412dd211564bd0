import { createHash } from "node:crypto";

import { severityWords, type AlertSeverity } from "./alert-words";
import { severityRank } from "./incident-state";
import { cutText } from "./text";

/** Tickets in the helpdesk or PSA of a company: when one is opened, and what is sent to it afterwards. */

export const ticketSystemKinds = ["http", "email"] as const;
export type TicketSystemKind = (typeof ticketSystemKinds)[number];

/** What happens to the ticket of an incident that was resolved. */
export const ticketResolutions = ["comment", "close", "nothing"] as const;
export type TicketResolution = (typeof ticketResolutions)[number];

/**
 * `pending`: not opened yet. `unknown`: an attempt may have opened it, and only a person can find out. `closed`: its
 * incident is resolved, and the ticket has been commented or closed.
 */
export const ticketStatuses = ["pending", "unknown", "open", "closed"] as const;
export type TicketStatus = (typeof ticketStatuses)[number];

export const ticketActions = ["open", "comment", "close"] as const;
export type TicketAction = (typeof ticketActions)[number];

/** The state of the incident that the ticket shows. */
export interface TicketNews {
  state: "open" | "resolved";
  severity: AlertSeverity;
  devices: number;
}

/** A ticket gets at most one comment an hour about devices that join or an incident that flaps. */
const PAUSE_MS = 60 * 60_000;

export type TicketStep =
  | { state: "nothing_new" }
  | { state: "wait"; until: Date }
  /** Nothing is sent, and the ticket counts as up to date. */
  | { state: "up_to_date" }
  | { state: "act"; action: "comment" | "close" };

/**
 * What to send to a ticket, from the state it shows and its incident.
 * @param said `saidAt`: the time of the last message, the opening included
 */
export function nextTicketStep(
  said: TicketNews & { saidAt: Date },
  now: TicketNews,
  { onResolve, at }: { onResolve: TicketResolution; at: Date },
): TicketStep {
  if (now.state === "resolved" && said.state === "open") {
    if (onResolve === "nothing") return { state: "up_to_date" };
    return { state: "act", action: onResolve };
  }
  const isReopened = said.state === "resolved" && now.state === "open";
  const isWorse = severityRank(now.severity) < severityRank(said.severity);
  const hasMore = now.devices > said.devices;
  if (now.state === "resolved" || !(isReopened || isWorse || hasMore)) return { state: "nothing_new" };
  const until = new Date(said.saidAt.getTime() + PAUSE_MS);
  return until > at ? { state: "wait", until } : { state: "act", action: "comment" };
}

const ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ";

/**
 * The mark in a ticket's subject by which it is found again: `PL-` and ten unambiguous characters, the same for the
 * same ticket.
 */
export function ticketReference(ticketId: string): string {
  const bytes = createHash("sha256").update(ticketId).digest();
  let text = "PL-";
  for (let i = 0; i < 10; i++) text += ALPHABET[bytes[i]! % ALPHABET.length]!;
  return text;
}

/** An incident as a ticket describes it. */
export interface TicketSubject extends TicketNews {
  title: string;
  client: string | null;
  /** Some of its devices by name. */
  deviceNames: string[];
  openedAt: Date;
  link: string;
}

/** Characters; PSAs cut a summary at 100 or more. The mark comes first, where nothing cuts it off. */
const MAX_SUMMARY = 100;

/** One line: the mark, the severity, the name and the client. */
export function ticketSummary(reference: string, { severity, title, client }: TicketSubject): string {
  const where = client === null ? "" : ` at ${client}`;
  const text = `[${reference}] ${severityWords[severity]}: ${title}${where}`;
  return cutText(text.replace(/\p{Cc}+/gu, " "), MAX_SUMMARY);
}

const devicesText = ({ devices, deviceNames }: TicketSubject): string => {
  if (devices <= 1) return deviceNames[0] ?? "unknown";
  const others = devices - deviceNames.length;
  return `${devices}: ${deviceNames.join(", ")}${others > 0 ? ` and ${others} more` : ""}`;
};

/** The text of a new ticket. */
export const ticketDescription = (subject: TicketSubject): string =>
  [
    subject.title,
    "",
    `Severity: ${severityWords[subject.severity]}`,
    `Client: ${subject.client ?? "none"}`,
    `Devices: ${devicesText(subject)}`,
    `Since: ${subject.openedAt.toISOString().slice(0, 16).replace("T", " ")} UTC`,
    "",
    subject.link,
  ].join("\n");

/** The comment on the second ticket of one incident: where the work continues. */
export function duplicateComment(first: { number: string | null; url: string | null }, link: string): string {
  const name = first.number === null ? "another ticket" : `ticket ${first.number}`;
  return [
    `This is the same incident as that of ${name}, where it goes on. This ticket is told nothing more.`,
    "",
    ...(first.url === null ? [] : [first.url]),
    link,
  ].join("\n");
}

/** The comment for a change, given the state that the ticket shows. */
export function ticketComment(said: TicketNews, subject: TicketSubject): string {
  const lines: string[] = [];
  if (subject.state === "resolved") lines.push("The incident is resolved: all its alerts have ended.");
  else if (said.state === "resolved") lines.push("The incident is open again: an alert began anew.");
  if (subject.state === "open" && severityRank(subject.severity) < severityRank(said.severity))
    lines.push(`The severity rose to ${severityWords[subject.severity].toLowerCase()}.`);
  if (subject.devices > said.devices) lines.push(`Devices now: ${devicesText(subject)}.`);
  return [...lines, "", subject.link].join("\n");
}
