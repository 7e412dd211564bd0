import type { TicketAction, TicketResolution, TicketStatus } from "@domain/tickets";
import type { Tone } from "~/ui/badge";

/** Labels of tickets. */

export const resolutionLabels: Record<TicketResolution, string> = {
  comment: "Comment on the ticket",
  close: "Close the ticket",
  nothing: "Leave the ticket alone",
};

const statusLabels: Record<TicketStatus, { text: string; tone: Tone }> = {
  pending: { text: "Being opened", tone: "neutral" },
  unknown: { text: "May be open: please look", tone: "bad" },
  open: { text: "Open", tone: "info" },
  closed: { text: "Resolved", tone: "good" },
};

/** The state of a ticket in one or two words. */
export const ticketStatusOf = ({ status, isGivenUp }: { status: TicketStatus; isGivenUp: boolean }) =>
  isGivenUp ? { text: "Not reached", tone: "bad" as const } : statusLabels[status];

export const actionLabels: Record<TicketAction, string> = {
  open: "Open",
  comment: "Comment",
  close: "Close",
};

export const attemptLabels: Record<"done" | "refused" | "unknown", string> = {
  done: "done",
  refused: "refused",
  unknown: "no clear answer",
};
