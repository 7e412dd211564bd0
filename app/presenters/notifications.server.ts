import { withTenant, type Db } from "@db/client";
import { getNotifyEmails, listNotifications, listRecipients } from "@db/queries/notifications";

const SHOWN = 50;

export type Notifications = Awaited<ReturnType<typeof readNotifications>>;

/** Who is told, and what they were told lately. Three statements. */
export const readNotifications = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, async (tx) => ({
    /** As they were set; empty: the administrators. */
    emails: await getNotifyEmails(tx, tenantId),
    recipients: await listRecipients(tx, tenantId),
    latest: await listNotifications(tx, tenantId, SHOWN),
  }));
