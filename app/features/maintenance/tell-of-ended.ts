import type { TenantDb } from "@db/client";
import { listOpenNames } from "@db/queries/incidents/maintenance";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { getWindow } from "@db/queries/maintenance/windows";
import { insertNotifications, listRecipients } from "@db/queries/notifications/notifications";
import { count } from "@domain/format";
import { maintenanceEndedMessage } from "@domain/maintenance-text";

import type { Ended } from "./apply-maintenance";

/** Sends one e-mail for each window that has ended, about the incidents that it leaves open. */
export async function tellOfEnded(tx: TenantDb, tenantId: string, ended: Ended, now: Date): Promise<void> {
  if (ended.size === 0) return;
  const recipients = await listRecipients(tx, tenantId);
  for (const [windowId, ids] of ended) {
    const window = windowId === null ? undefined : await getWindow(tx, tenantId, windowId);
    const name = window?.name ?? null;
    await insertIncidentEntries(
      tx,
      tenantId,
      ids.map((incidentId) => ({ incidentId, kind: "maintenance_ended", details: { window: name } })),
      now,
    );
    const open = await listOpenNames(tx, tenantId, ids);
    if (recipients.length === 0 || open.length === 0) continue;
    const incidents = open.map(({ devices, device, ...one }) => ({
      ...one,
      where: devices === 1 ? (device ?? "unknown device") : count(devices, "device"),
    }));
    const letter = { kind: "maintenance_ended" as const, connectionId: null, path: "/alerts", recipients };
    await insertNotifications(
      tx,
      tenantId,
      [{ ...letter, ...maintenanceEndedMessage(name, incidents) }],
      now,
    );
  }
}
