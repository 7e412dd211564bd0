import { createHash } from "node:crypto";

import * as z from "zod";

import { letterOf } from "@domain/notification-text";
import type { Mailer, MailOutcome } from "~/platform/ports";

import type { Refused, TellOutcome, TicketAdapter, TicketText, Unknown } from "./ticket-port";

/** The settings of a helpdesk that turns e-mails into tickets. */
export const emailConfig = z.object({ preset: z.literal("email"), address: z.email().max(300) });
export type EmailConfig = z.infer<typeof emailConfig>;

const FOOTER =
  "Sent by Plumbline. Keep the mark in the subject: it holds the mails about this incident together.";

/**
 * A helpdesk that gets e-mails. The mails about one incident share a mark in the subject and answer the first one by
 * its Message-ID, by which helpdesks assign them to one ticket. An e-mail cannot be searched for.
 */
export function createEmailAdapter(mailer: Mailer | null, { address }: EmailConfig): TicketAdapter {
  const write = async (ticket: TicketText, mail: { id: string; answers?: string; text: string }) => {
    if (mailer === null) return refused("no mail server is set up (SMTP_URL, MAIL_FROM)");
    const { id, answers } = mail;
    const subject = answers === undefined ? ticket.summary : `Re: ${ticket.summary}`;
    const text = mail.text
      .split("\n")
      .filter((line) => line !== "")
      .join("\n\n");
    const letter = letterOf(text, { text: "Open the incident", href: ticket.link }, FOOTER);
    const thread = answers === undefined ? {} : { answers };
    return outcomeOf(await mailer.send({ id, ...thread, to: [address], subject, ...letter }));
  };
  const comment: TicketAdapter["comment"] = (ticket, text) => {
    // A repeated comment has the same id.
    const id = `${ticket.ticketId}.${createHash("sha256").update(text).digest("hex").slice(0, 12)}`;
    return write(ticket, { id, answers: ticket.ticketId, text });
  };
  return {
    recovery: "none",
    async open(ticket) {
      const outcome = await write(ticket, { id: ticket.ticketId, text: ticket.description });
      if (outcome.state !== "done") return outcome;
      return { state: "opened", externalId: ticket.reference, number: null, url: null };
    },
    companies: () => Promise.resolve(refused("an e-mail names no company")),
    find: () => Promise.resolve({ state: "unknown", reason: "a mail cannot be searched for" }),
    comment,
    close: comment,
    test: async () =>
      mailer === null
        ? refused("no mail server is set up (SMTP_URL, MAIL_FROM)")
        : outcomeOf(await mailer.verify()),
  };
}

const refused = (reason: string): Refused => ({ state: "refused", kind: "declined", reason });

function outcomeOf(outcome: MailOutcome): TellOutcome | Unknown {
  if (outcome.state === "failed")
    return outcome.isUnsent === true
      ? { state: "refused", kind: "away", reason: outcome.reason }
      : { state: "unknown", reason: outcome.reason };
  return outcome.refused.length === 0 ? { state: "done" } : refused("the mail server refuses this address");
}
