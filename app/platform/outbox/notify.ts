import type { TenantDb } from "@db/client";
import { insertNotifications, readAudience, type Audience } from "@db/queries/notifications/notifications";
import { dueAt, everyNotice, isChosen, type NoticeChoice, type NoticeSubject } from "@domain/notice-choice";
import type { NoticeKind } from "@domain/notice-kinds";

/** A notice that people get by e-mail. */
export interface Notice {
  kind: NoticeKind;
  /** Null if the notice is not about a connection. */
  connectionId: string | null;
  /** The path within the app that the notice links to; its connection's page if absent. */
  path?: string;
  /** The incidents that the notice is about; none if absent. */
  about?: readonly NoticeSubject[];
  subject: string;
  body: string;
}

/**
 * Writes the e-mails of notices into the outbox, in the transaction that made them true. Each person gets an e-mail of
 * their own, as they chose. A person who never chose gets everything at once if they are on the list of recipients, or
 * if there is no list and they are an administrator. Addresses without a person get one e-mail together.
 */
export async function notify(
  tx: TenantDb,
  tenantId: string,
  notices: readonly Notice[],
  now: Date,
): Promise<void> {
  if (notices.length === 0) return;
  const audience = await readAudience(tx, tenantId);
  const { people, addresses } = recipientsOf(audience);
  const rows = notices.flatMap(({ about, ...notice }) => [
    ...(addresses.length === 0 ? [] : [{ ...notice, recipients: addresses }]),
    ...people
      .filter(({ choice }) =>
        isChosen(choice, { kind: notice.kind, ...(about === undefined ? {} : { about }) }),
      )
      .map(({ userId, email, choice: { pace } }) => ({
        ...notice,
        userId,
        recipients: [email],
        ...(pace === "now" ? {} : { waitsUntil: dueAt(pace, now, audience.timeZone) }),
      })),
  ]);
  await insertNotifications(tx, tenantId, rows, now);
}

/** The people to notify, and the addresses that belong to no person. */
export function recipientsOf({ emails, people }: Pick<Audience, "emails" | "people">): {
  people: { userId: string; email: string; choice: NoticeChoice }[];
  addresses: string[];
} {
  const listed = new Set(emails.map((email) => email.toLowerCase()));
  const byDefault = ({ email, isAdmin }: Audience["people"][number]) =>
    listed.size === 0 ? isAdmin : listed.has(email.toLowerCase());
  const notified = people.flatMap((person) => {
    const choice = person.choice ?? (byDefault(person) ? everyNotice : null);
    return choice === null || choice.pace === "never" ? [] : [{ ...person, choice }];
  });
  const known = new Set(people.map(({ email }) => email.toLowerCase()));
  return { people: notified, addresses: emails.filter((email) => !known.has(email.toLowerCase())) };
}

/** The addresses of everybody to notify. */
export function addressesOf(audience: Audience): string[] {
  const { people, addresses } = recipientsOf(audience);
  return [...addresses, ...people.map(({ email }) => email)];
}
