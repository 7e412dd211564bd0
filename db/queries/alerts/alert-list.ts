import { and, eq, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { assets, clients, rmmAlerts, rmmIntegrations, users, type AlertSeverity } from "../../schema";
import { isBeyond, keyOrder, keyValues, type KeyValues } from "../shared/keyset";
import { alertKeys, whereAlertFits, type AlertFilter, type AlertOrder } from "./alert-inbox";

const columns = {
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
  clientId: clients.id,
  client: clients.name,
};

/** The alerts that match a filter, in the given order: at most `limit`, after a position. */
export function listAlertsInOrder(
  tx: TenantDb,
  tenantId: string,
  filter: AlertFilter,
  order: AlertOrder,
  now: Date,
  { after, limit }: { after: KeyValues | undefined; limit: number },
) {
  const keys = alertKeys(order);
  return tx
    .select({ ...columns, keys: sql<string[]>`${keyValues(keys)}` })
    .from(rmmAlerts)
    .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
    .leftJoin(clients, eq(clients.id, assets.clientId))
    .where(
      and(whereAlertFits(tenantId, filter, now), after === undefined ? undefined : isBeyond(keys, after)),
    )
    .orderBy(keyOrder(keys))
    .limit(limit);
}

interface ActiveAlerts {
  open: number;
  acknowledged: number;
  bySeverity: Record<AlertSeverity, number>;
}

/** Counts the active alerts: those acknowledged, and those that are not, the latter also by severity. */
export async function countActiveAlerts(tx: TenantDb, tenantId: string): Promise<ActiveAlerts> {
  const rows = await tx
    .select({
      severity: rmmAlerts.severity,
      open: sql<number>`(count(*) filter (where ${rmmAlerts.acknowledgedAt} is null))::int`,
      total: sql<number>`count(*)::int`,
    })
    .from(rmmAlerts)
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.status, "active")))
    .groupBy(rmmAlerts.severity);
  const bySeverity: ActiveAlerts["bySeverity"] = { critical: 0, major: 0, moderate: 0, minor: 0, none: 0 };
  let open = 0;
  let total = 0;
  for (const row of rows) {
    bySeverity[row.severity] = row.open;
    open += row.open;
    total += row.total;
  }
  return { open, acknowledged: total - open, bySeverity };
}

/**
 * An alert with its asset, client, connection and the person who acknowledged it; undefined if the tenant has no such
 * alert.
 */
export async function getAlertDetail(tx: TenantDb, tenantId: string, alertId: string) {
  const [row] = await tx
    .select({
      ...columns,
      createdAt: rmmAlerts.createdAt,
      externalAlertId: rmmAlerts.externalAlertId,
      externalDeviceId: rmmAlerts.externalDeviceId,
      payload: rmmAlerts.payload,
      providerSeverity: rmmAlerts.providerSeverity,
      observedVia: rmmAlerts.observedVia,
      acknowledgedBy: users.name,
      connectionId: rmmAlerts.connectionId,
      integration: rmmIntegrations.label,
      provider: rmmIntegrations.provider,
      integrationStatus: rmmIntegrations.status,
    })
    .from(rmmAlerts)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmAlerts.connectionId))
    .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
    .leftJoin(clients, eq(clients.id, assets.clientId))
    .leftJoin(users, eq(users.id, rmmAlerts.acknowledgedBy))
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.id, alertId)));
  return row;
}
