import type { TenantDb } from "@db/client";
import { insertNotifications, readAudience, type Audience } from "@db/queries/notifications/notifications";
import { dueAt, everyNotice, isChosen, type NoticeChoice, type NoticeSubject } from "@domain/notice-choice";
import type { NoticeKind } from "@domain/notice-kinds";

/** The kinds of notices in e-mails. */
export interface Notice {
  kind: NoticeKind;
  /** Null if it is not about a connection. */
  connectionId: string | null;
  /** Where its link leads within the app; absent for its connection's page. */
  path?: string;
  /** The incidents that it is about; absent: none. */
  about?: readonly NoticeSubject[];
  subject: string;
  body: string;
}

/**
 * Writes the e-mails of notices into the outbox, in the transaction that made them true. Each person gets their own, as
 * they chose; a person who never chose gets everything at once if they are on the list of recipients, or an
 * administrator if there is no list. Addresses without a person get one e-mail together.
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

/** Who is notified: people, and addresses that belong to no person. */
export function recipientsOf({ emails, people }: Pick<Audience, "emails" | "people">): {
  people: { userId: string; email: string; choice: NoticeChoice }[];
  addresses: string[];
} {
  const listed = new Set(emails.map((email) => email.toLowerCase()));
  const byDefault = ({ email, isAdmin }: Audience["people"][number]) =>
    listed.size === 0 ? isAdmin : listed.has(email.toLowerCase());
  const told = people.flatMap((person) => {
    const choice = person.choice ?? (byDefault(person) ? everyNotice : null);
    return choice === null || choice.pace === "never" ? [] : [{ ...person, choice }];
  });
  const known = new Set(people.map(({ email }) => email.toLowerCase()));
  return { people: told, addresses: emails.filter((email) => !known.has(email.toLowerCase())) };
}

/** The addresses of everybody who is notified. */
export function addressesOf(audience: Audience): string[] {
  const { people, addresses } = recipientsOf(audience);
  return [...addresses, ...people.map(({ email }) => email)];
}
