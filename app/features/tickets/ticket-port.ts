/** The port to a helpdesk or PSA. Nothing here throws; every outcome is a value. */

/** The request did not get through or was refused, so it has certainly not been carried out. */
export interface Refused {
  state: "refused";
  reason: string;
  /**
   * `away`: no answer, or the system has a fault; `limited`: too many requests; `declined`: this request alone is
   * refused.
   */
  kind: "away" | "limited" | "declined";
  retryAfterMs?: number | undefined;
}

/** The request may have been carried out: its answer is missing or cannot be understood. */
export interface Unknown {
  state: "unknown";
  reason: string;
}

export interface OpenedTicket {
  state: "opened";
  externalId: string;
  number: string | null;
  url: string | null;
}

export type OpenOutcome = OpenedTicket | Refused | Unknown;
export type FindOutcome = OpenedTicket | { state: "none" } | Refused | Unknown;
export type TellOutcome = { state: "done" } | Refused | Unknown;

/** A company or organization of a ticket system. */
export interface TicketCompany {
  id: string;
  name: string;
}
export type CompaniesOutcome = { state: "listed"; companies: TicketCompany[] } | Refused | Unknown;

export interface TicketText {
  /** Our own id of the ticket, the same at each repetition. */
  ticketId: string;
  /** The mark by which the ticket can be found again. */
  reference: string;
  summary: string;
  description: string;
  severity: string;
  client: string | null;
  /** The client's id in the ticket system, if it is known. */
  companyId: string | null;
  link: string;
}

export interface TicketRef extends TicketText {
  externalId: string;
}

export interface TicketAdapter {
  /**
   * How a second try avoids a second ticket after an answer was lost: the system recognises a repetition by its key, or
   * the ticket can be searched for by its mark; otherwise a person has to look.
   */
  recovery: "key" | "search" | "none";
  open(ticket: TicketText): Promise<OpenOutcome>;
  find(ticket: TicketText): Promise<FindOutcome>;
  comment(ticket: TicketRef, text: string): Promise<TellOutcome>;
  /** Closes the ticket, with a final comment. */
  close(ticket: TicketRef, text: string): Promise<TellOutcome>;
  /** The companies that clients can be matched with. */
  companies(): Promise<CompaniesOutcome>;
  /** Sends a request that changes nothing in the system. */
  test(): Promise<TellOutcome>;
}
