import * as z from "zod";

/** Limit per tenant; for more people, use a mailing list's address. */
const MAX_RECIPIENTS = 20;

const address = z.email().max(254);

export type ParsedRecipients = { ok: true; emails: string[] } | { ok: false; problem: string };

/** Addresses as a person lists them: one per line, or separated by commas. Duplicates count once. */
export function parseRecipients(text: string): ParsedRecipients {
  const listed = text.split(/[\s,;]+/).filter((word) => word !== "");
  const emails = [...new Map(listed.map((email) => [email.toLowerCase(), email])).values()];
  const wrong = emails.find((email) => !address.safeParse(email).success);
  if (wrong !== undefined) return { ok: false, problem: `"${wrong}" is not an e-mail address.` };
  if (emails.length > MAX_RECIPIENTS)
    return { ok: false, problem: `Name at most ${MAX_RECIPIENTS} addresses; a list address reaches more.` };
  return { ok: true, emails };
}
