import { withTenant, type Db } from "@db/client";
import { getNotifyEmails, listNotifications, listRecipients } from "@db/queries/notifications/notifications";
import { recipientValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";

const SHOWN = 50;

export type Notifications = Awaited<ReturnType<typeof readNotifications>>;

/** The recipients and the latest notifications. Three statements. */
export const readNotifications = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, async (tx) => {
    const emails = await getNotifyEmails(tx, tenantId);
    return {
      /** The configured addresses; empty means all administrators. */
      emails,
      version: shownVersion(recipientValues(emails)),
      recipients: await listRecipients(tx, tenantId),
      latest: await listNotifications(tx, tenantId, SHOWN),
    };
  });
