import { and, desc, eq, isNull, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import {
  assets,
  clients,
  incidentEntries,
  incidents,
  maintenanceWindows,
  rmmAlerts,
  rmmIntegrations,
  users,
} from "../../schema";
import { incidentColumns } from "./incident-inbox";

/** An incident; undefined if the tenant has none with this id. */
export async function getIncident(tx: TenantDb, tenantId: string, incidentId: string) {
  const [row] = await tx
    .select({
      ...incidentColumns,
      acknowledgedAt: incidents.acknowledgedAt,
      acknowledgedBy: sql<
        string | null
      >`(select u.name from users u where u.tenant_id = ${tenantId} and u.id = ${incidents.acknowledgedBy})`,
      ownerId: incidents.ownerId,
      integration: rmmIntegrations.label,
      stormId: incidents.stormId,
      mergedIntoId: incidents.mergedIntoId,
      noticesSuppressed: incidents.noticesSuppressed,
      ticketsSuppressed: incidents.ticketsSuppressed,
      windowId: incidents.maintenanceWindowId,
      window: maintenanceWindows.name,
      maintenanceUntil: incidents.maintenanceUntil,
    })
    .from(incidents)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, incidents.connectionId))
    .leftJoin(clients, eq(clients.id, incidents.clientId))
    .leftJoin(users, eq(users.id, incidents.ownerId))
    .leftJoin(maintenanceWindows, eq(maintenanceWindows.id, incidents.maintenanceWindowId))
    .where(and(eq(incidents.tenantId, tenantId), eq(incidents.id, incidentId)));
  return row;
}

/** What happened to an incident, newest first, at most `limit`. */
export const listIncidentEntries = (tx: TenantDb, tenantId: string, incidentId: string, limit: number) =>
  tx
    .select({
      id: incidentEntries.id,
      kind: incidentEntries.kind,
      actor: incidentEntries.actor,
      text: incidentEntries.text,
      details: incidentEntries.details,
      at: incidentEntries.at,
    })
    .from(incidentEntries)
    .where(and(eq(incidentEntries.tenantId, tenantId), eq(incidentEntries.incidentId, incidentId)))
    .orderBy(desc(incidentEntries.at), desc(incidentEntries.id))
    .limit(limit);

/** The alerts of an incident, active ones first, then the newest, at most `limit`. */
export const listAlertsOfIncident = (tx: TenantDb, tenantId: string, incidentId: string, limit: number) =>
  tx
    .select({
      id: rmmAlerts.id,
      name: rmmAlerts.name,
      description: rmmAlerts.description,
      severity: rmmAlerts.severity,
      status: rmmAlerts.status,
      startedAt: rmmAlerts.startedAt,
      resolvedAt: rmmAlerts.resolvedAt,
      observedAt: rmmAlerts.observedAt,
      acknowledgedAt: rmmAlerts.acknowledgedAt,
      deviceHostname: rmmAlerts.deviceHostname,
      assetId: assets.id,
      asset: assets.name,
    })
    .from(rmmAlerts)
    .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.incidentId, incidentId)))
    .orderBy(
      rmmAlerts.status,
      sql`coalesce(${rmmAlerts.startedAt}, ${rmmAlerts.createdAt}) desc`,
      rmmAlerts.id,
    )
    .limit(limit);

/** The incidents of a storm, open ones first, at most `limit`. */
export const listIncidentsOfStorm = (tx: TenantDb, tenantId: string, stormId: string, limit: number) =>
  tx
    .select({
      id: incidents.id,
      name: incidents.name,
      state: incidents.state,
      severity: incidents.severity,
      device: incidents.device,
      devices: incidents.deviceCount,
      client: clients.name,
      openedAt: incidents.openedAt,
    })
    .from(incidents)
    .leftJoin(clients, eq(clients.id, incidents.clientId))
    .where(
      and(eq(incidents.tenantId, tenantId), eq(incidents.stormId, stormId), isNull(incidents.mergedIntoId)),
    )
    .orderBy(
      sql`${incidents.state} = 'resolved'`,
      incidents.severityRank,
      desc(incidents.openedAt),
      incidents.id,
    )
    .limit(limit);
