import * as z from "zod";

import { withTenant, type Db } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { listClientNames } from "@db/queries/clients/clients";
import {
  lockNoticeChoice,
  moveWaiting,
  setNoticeChoice,
  type PersonRef,
} from "@db/queries/notifications/digests";
import { readAudience } from "@db/queries/notifications/notifications";
import type { Actor } from "@domain/actor";
import { alertSeverities } from "@domain/alert-words";
import {
  dueAt,
  everyNotice,
  noticeChoiceSchema,
  noticePaces,
  type NoticeChoice,
} from "@domain/notice-choice";
import { noticeKinds } from "@domain/notice-kinds";
import { recipientsOf } from "~/platform/outbox/notify";
import type { NotifyDeps } from "~/platform/ports";

/** The notices that a person gets, and what they can choose from; four statements. */
export const readOwnNotices = (db: Db, { tenantId, userId }: PersonRef) =>
  withTenant(db, tenantId, async (tx) => {
    const audience = await readAudience(tx, tenantId);
    const received = recipientsOf(audience).people.find((one) => one.userId === userId)?.choice;
    const own = audience.people.find((one) => one.userId === userId)?.choice;
    return {
      choice: own ?? received ?? { ...everyNotice, pace: "never" as const },
      isChosen: own != null,
      timeZone: audience.timeZone,
      clients: await listClientNames(tx, tenantId, { withArchived: true }),
    };
  });

export type OwnNotices = Awaited<ReturnType<typeof readOwnNotices>>;

/** The form of the page. Clients that the tenant does not have are left out. */
export const noticesForm = z.object({
  pace: z.enum(noticePaces),
  severity: z.union([z.enum(alertSeverities), z.literal("")]),
});

/** The kinds and clients that were ticked in the form. */
export const ticked = (
  form: FormData,
  clients: readonly { id: string }[],
): Pick<NoticeChoice, "kinds" | "clientIds"> => ({
  kinds: noticeKinds.filter((kind) => form.getAll("kind").includes(kind)),
  clientIds: clients.map(({ id }) => id).filter((id) => form.getAll("client").includes(id)),
});

/**
 * Sets which notices a person gets. Notices that wait for the next e-mail go out at the time of the new choice; a
 * person who wants none gets none of them either. Returns whether it changed anything.
 */
export async function chooseNotices(
  deps: Pick<NotifyDeps, "db" | "clock">,
  { actor, ...person }: PersonRef & { actor: Actor },
  wanted: NoticeChoice,
): Promise<boolean> {
  const choice = noticeChoiceSchema.parse(wanted);
  return withTenant(deps.db, person.tenantId, async (tx) => {
    const before = await lockNoticeChoice(tx, person);
    if (before === undefined || JSON.stringify(before.choice) === JSON.stringify(choice)) return false;
    await setNoticeChoice(tx, person, choice);
    const { timeZone } = await readAudience(tx, person.tenantId);
    await moveWaiting(
      tx,
      person,
      choice.pace === "never" ? null : dueAt(choice.pace, deps.clock(), timeZone),
    );
    await audit(tx, person.tenantId, actor, {
      action: "notifications.chosen",
      targetType: "user",
      targetId: person.userId,
      details: { pace: { from: before.choice?.pace ?? null, to: choice.pace } },
    });
    return true;
  });
}

/** The person who would unsubscribe by a signed link; null if the account was removed. */
export const readUnsubscribing = (db: Db, person: PersonRef) =>
  withTenant(db, person.tenantId, async (tx) => {
    const row = await lockNoticeChoice(tx, person);
    return row === undefined ? null : { email: row.email, name: row.name };
  });

/** Stops all notices to a person until they choose otherwise on their page. Does nothing the second time. */
export async function stopNotices(
  deps: Pick<NotifyDeps, "db" | "clock">,
  person: PersonRef,
  ip: string | null,
): Promise<boolean> {
  const row = await withTenant(deps.db, person.tenantId, (tx) => lockNoticeChoice(tx, person));
  if (row === undefined) return false;
  const actor = { userId: person.userId, name: row.name, ip };
  await chooseNotices(deps, { ...person, actor }, { ...(row.choice ?? everyNotice), pace: "never" });
  return true;
}
