import { withTenant } from "@db/client";
import { listDigestsDue, takeWaiting, type PersonRef } from "@db/queries/notifications/digests";
import { insertNotifications, readAudience } from "@db/queries/notifications/notifications";
import { digestMessage } from "@domain/digest-text";
import type { NotifyDeps } from "~/platform/ports";

/** The most people whose e-mails one call puts together; the others follow a minute later. */
const PEOPLE = 200;

/**
 * Makes one e-mail of the due notices that wait for a person. Each person is one transaction: if the process is killed
 * at any instant, the notices either still wait or are in that one e-mail. A person who can no longer sign in gets
 * none.
 */
export async function gatherDigests(deps: Pick<NotifyDeps, "db" | "clock" | "publicUrl">): Promise<void> {
  const now = deps.clock();
  for (const person of await listDigestsDue(deps.db, now, PEOPLE)) await gatherOf(deps, person, now);
}

const gatherOf = (
  { db, publicUrl }: Pick<NotifyDeps, "db" | "publicUrl">,
  person: PersonRef,
  now: Date,
): Promise<void> =>
  withTenant(db, person.tenantId, async (tx) => {
    const { tenantId, userId } = person;
    const items = await takeWaiting(tx, person, now);
    const { people } = await readAudience(tx, tenantId);
    const reader = people.find((one) => one.userId === userId);
    if (items.length === 0 || reader === undefined) return;
    const message = digestMessage(items.map((one) => ({ ...one, href: hrefOf(publicUrl, one) })));
    const letter = {
      kind: "digest" as const,
      connectionId: null,
      path: "/",
      userId,
      recipients: [reader.email],
    };
    await insertNotifications(tx, tenantId, [{ ...letter, ...message }], now);
  });

/** The address that a notice links to. */
export const hrefOf = (
  publicUrl: string,
  { path, connectionId }: { path: string | null; connectionId: string | null },
): string => publicUrl + (path ?? `/settings/integrations/${connectionId}`);
