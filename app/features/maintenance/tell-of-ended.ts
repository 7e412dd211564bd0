import type { TenantDb } from "@db/client";
import { listOpenNames } from "@db/queries/incidents/maintenance";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { getWindow } from "@db/queries/maintenance/windows";
import { count } from "@domain/format";
import { maintenanceEndedMessage } from "@domain/maintenance-text";
import { emit } from "~/platform/outbox/emit";
import { notify } from "~/platform/outbox/notify";

import type { Ended } from "./apply-maintenance";

/** The most incidents in an event, most severe first; a chat message shows fewer. */
const IDS_SENT = 100;

/**
 * For each window that has ended, sends one e-mail and one message per chat channel about the incidents that it leaves
 * open.
 */
export async function tellOfEnded(tx: TenantDb, tenantId: string, ended: Ended, now: Date): Promise<void> {
  if (ended.size === 0) return;
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
    if (open.length === 0) continue;
    const incidents = open.map(({ devices, device, ...one }) => ({
      ...one,
      where: devices === 1 ? (device ?? "unknown device") : count(devices, "device"),
    }));
    const data = {
      tenantId,
      windowId,
      incidentIds: open.slice(0, IDS_SENT).map(({ id }) => id),
      open: open.length,
    };
    await emit(tx, [{ name: "MAINTENANCE_ENDED", data }], now);
    const about = open.map(({ severity, clientId }) => ({ severity, clientId }));
    const notice = { kind: "maintenance_ended" as const, connectionId: null, path: "/alerts", about };
    await notify(tx, tenantId, [{ ...notice, ...maintenanceEndedMessage(name, incidents) }], now);
  }
}
