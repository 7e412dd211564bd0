import { withTenant, type Db } from "@db/client";
import { getAlertDetail } from "@db/queries/alerts/alert-list";
import { readTargetNames } from "@db/queries/audit/audit-targets";
import { getIncident } from "@db/queries/incidents/incident-page";
import { incidentTitle } from "~/features/incidents/labels";

type EventRecord = Record<string, unknown>;

/** The present names for the ids in an event; undefined if the record no longer exists. */
export async function eventRecord(
  { db, publicUrl = "" }: { db: Db; publicUrl?: string },
  tenantId: string,
  { incidentId, alertId, assetId }: Record<string, unknown>,
): Promise<EventRecord | undefined> {
  return withTenant(db, tenantId, async (tx): Promise<EventRecord | undefined> => {
    if (typeof incidentId === "string") {
      const incident = await getIncident(tx, tenantId, incidentId);
      if (incident === undefined) return undefined;
      const { severity, state, client, devices, device, alerts, openedAt } = incident;
      const link = `${publicUrl}/alerts/incidents/${incidentId}`;
      return {
        name: incidentTitle(incident),
        severity,
        state,
        client,
        devices,
        device,
        alerts,
        openedAt,
        link,
      };
    }
    if (typeof alertId === "string") {
      const alert = await getAlertDetail(tx, tenantId, alertId);
      if (alert === undefined) return undefined;
      const { name, severity, status, client, asset, deviceHostname: device, startedAt } = alert;
      return {
        name,
        severity,
        status,
        client,
        asset,
        device,
        startedAt,
        link: `${publicUrl}/alerts/${alertId}`,
      };
    }
    if (typeof assetId === "string") {
      const name = (await readTargetNames(tx, tenantId, [assetId])).get(assetId);
      return name === undefined ? undefined : { name, link: `${publicUrl}/assets/${assetId}` };
    }
    return undefined;
  });
}
