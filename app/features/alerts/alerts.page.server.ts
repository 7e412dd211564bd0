import { and, eq, sql } from "drizzle-orm";

import { withTenant, type Db, type TenantDb } from "@db/client";
import {
  alertOrders,
  alertStates,
  alertTimes,
  countAcknowledgedAt,
  orderOf,
  whereAlertFits,
  type AlertFilter,
  type AlertOrder,
} from "@db/queries/alerts/alert-inbox";
import { byName } from "@db/queries/shared/by-name";
import { listDeliveriesOfAlert } from "@db/queries/webhooks/webhook-log";
import { assets, clients, rmmAlerts, rmmIntegrations, users, type AlertSeverity } from "@db/schema";
import { isStandIn } from "@domain/alert-identity";
import { DELIVERY_DAYS } from "@domain/schedule-limits";
import { isId } from "~/auth/guard.server";
import { oneOf, searchText } from "~/platform/http/paging";

export const ALERTS_PAGE_SIZE = 50;

const severities = ["", "critical", "major", "moderate", "minor", "none"] as const;

/** What an address of the inbox asks for, and the same as the form shows it. */
export function alertFilterOf(params: URLSearchParams) {
  const client = params.get("client") ?? "";
  const asset = params.get("asset");
  const severity = oneOf(params, "severity", severities);
  const filter: AlertFilter = {
    state: oneOf(params, "state", alertStates),
    severity: severity === "" ? undefined : severity,
    clientId: client === "none" || isId(client) ? client : undefined,
    assetId: isId(asset) ? asset : undefined,
    time: oneOf(params, "time", alertTimes),
    text: searchText(params),
  };
  const order = oneOf(params, "sort", alertOrders);
  const values = {
    q: filter.text ?? "",
    state: filter.state,
    severity,
    client: filter.clientId ?? "",
    asset: filter.assetId ?? "",
    time: filter.time,
  };
  return { filter, order, values };
}

export type AlertFilterValues = ReturnType<typeof alertFilterOf>["values"];
export type { AlertOrder };

/** What was acknowledged at an instant can be taken back for so long by the button at the top of the inbox. */
const UNDO_SHOWN_MS = 10 * 60_000;

/** The alerts that a person acknowledged together a moment ago; one statement, where an address names the instant. */
export async function readUndo(db: Db, tenantId: string, userId: string, params: URLSearchParams, now: Date) {
  const at = new Date(params.get("undo") ?? "");
  if (Number.isNaN(at.getTime()) || now.getTime() - at.getTime() > UNDO_SHOWN_MS) return null;
  const alerts = await withTenant(db, tenantId, (tx) => countAcknowledgedAt(tx, tenantId, { at, userId }));
  return alerts === 0 ? null : { at: at.toISOString(), alerts };
}

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

/**
 * A page of the inbox. Four statements: the page, its total, the active ones by severity, the clients to choose from; a
 * fifth for the name of an asset that is filtered by.
 */
export async function listAlerts(
  db: Db,
  tenantId: string,
  filter: AlertFilter,
  order: AlertOrder,
  page: number,
  now: Date,
) {
  return withTenant(db, tenantId, async (tx) => {
    const where = whereAlertFits(tenantId, filter, now);
    const rows = await tx
      .select(columns)
      .from(rmmAlerts)
      .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
      .leftJoin(clients, eq(clients.id, assets.clientId))
      .where(where)
      .orderBy(...orderOf(order))
      .limit(ALERTS_PAGE_SIZE)
      .offset((page - 1) * ALERTS_PAGE_SIZE);
    const [total] = await tx
      .select({ alerts: sql<number>`count(*)::int` })
      .from(rmmAlerts)
      .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
      .where(where);
    const active = await countActive(tx, tenantId);
    const choices = await tx
      .select({ id: clients.id, name: clients.name })
      .from(clients)
      .where(eq(clients.tenantId, tenantId))
      .orderBy(byName(clients.name), clients.id);
    const asset = filter.assetId === undefined ? null : await nameAsset(tx, tenantId, filter.assetId);
    return { rows, total: total?.alerts ?? 0, active, clients: choices, asset };
  });
}

/** What is filtered by is named, also where there is no such asset. */
async function nameAsset(tx: TenantDb, tenantId: string, id: string) {
  const [asset] = await tx
    .select({ name: assets.name })
    .from(assets)
    .where(and(eq(assets.tenantId, tenantId), eq(assets.id, id)));
  return { id, name: asset?.name ?? "Unknown asset" };
}

export type AlertLine = Awaited<ReturnType<typeof listAlerts>>["rows"][number];

export interface ActiveAlerts {
  open: number;
  acknowledged: number;
  bySeverity: Record<AlertSeverity, number>;
}

async function countActive(tx: TenantDb, tenantId: string): Promise<ActiveAlerts> {
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

const HISTORY_SHOWN = 50;

/** One alert with what was received about it; two statements. Null when the tenant has no such alert. */
export async function readAlert(db: Db, tenantId: string, alertId: string, now: Date) {
  return withTenant(db, tenantId, async (tx) => {
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
        integrationId: rmmAlerts.integrationId,
        integration: rmmIntegrations.label,
        provider: rmmIntegrations.provider,
        integrationStatus: rmmIntegrations.status,
      })
      .from(rmmAlerts)
      .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmAlerts.integrationId))
      .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
      .leftJoin(clients, eq(clients.id, assets.clientId))
      .leftJoin(users, eq(users.id, rmmAlerts.acknowledgedBy))
      .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.id, alertId)));
    if (row === undefined) return null;
    const { createdAt, ...columnsShown } = row;
    const alert = { ...columnsShown, isStandIn: isStandIn(row.externalAlertId) };
    const history = await listDeliveriesOfAlert(tx, tenantId, alertId, HISTORY_SHOWN);
    // Of an older alert the deliveries are not kept: the webhook may have told of it all the same.
    const isYoung = now.getTime() - createdAt.getTime() < DELIVERY_DAYS * 24 * 60 * 60_000;
    const wasOnlyRead = history.length === 0 && alert.observedVia === "sweep" && isYoung;
    return { alert, history, wasOnlyRead };
  });
}

export type AlertDetail = NonNullable<Awaited<ReturnType<typeof readAlert>>>;
