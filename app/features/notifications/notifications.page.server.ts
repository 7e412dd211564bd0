import { withTenant, type Db } from "@db/client";
import { listNotifications, readAudience } from "@db/queries/notifications/notifications";
import { recipientValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";
import { addressesOf } from "~/platform/outbox/notify";

const SHOWN = 50;

export type Notifications = Awaited<ReturnType<typeof readNotifications>>;

/** The recipients and the latest notifications. Three statements. */
export const readNotifications = (db: Db, tenantId: string) =>
  withTenant(db, tenantId, async (tx) => {
    const audience = await readAudience(tx, tenantId);
    const { emails } = audience;
    return {
      /** The configured addresses; empty means all administrators. */
      emails,
      version: shownVersion(recipientValues(emails)),
      recipients: addressesOf(audience),
      latest: await listNotifications(tx, tenantId, SHOWN),
    };
  });
