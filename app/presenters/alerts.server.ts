import { and, asc, desc, eq, gte, ilike, isNotNull, isNull, or, sql, type SQL } from "drizzle-orm";

import { withTenant, type Db, type TenantDb } from "@db/client";
import { escapeLike } from "@db/queries/audit";
import { listDeliveriesOfAlert } from "@db/queries/webhook-log";
import { assets, clients, rmmAlerts, rmmIntegrations, users, type AlertSeverity } from "@db/schema";

export const ALERTS_PAGE_SIZE = 50;

export const alertStates = ["open", "active", "acknowledged", "resolved", "all"] as const;
export type AlertState = (typeof alertStates)[number];

export const alertTimes = ["", "day", "week", "month"] as const;
export type AlertTime = (typeof alertTimes)[number];

const DAY_MS = 24 * 60 * 60_000;
const times: Record<Exclude<AlertTime, "">, number> = { day: DAY_MS, week: 7 * DAY_MS, month: 30 * DAY_MS };

export interface AlertFilter {
  state: AlertState;
  severity: AlertSeverity | undefined;
  /** `none`: alerts without a client. */
  clientId: string | undefined;
  assetId: string | undefined;
  time: AlertTime;
  text: string | undefined;
}

/** When an alert began, or, where nobody said, when it was first told. */
const since = sql`coalesce(${rmmAlerts.startedAt}, ${rmmAlerts.observedAt})`;

const stateOf: Record<AlertState, SQL | undefined> = {
  open: and(eq(rmmAlerts.status, "active"), isNull(rmmAlerts.acknowledgedAt)),
  active: eq(rmmAlerts.status, "active"),
  acknowledged: and(eq(rmmAlerts.status, "active"), isNotNull(rmmAlerts.acknowledgedAt)),
  resolved: eq(rmmAlerts.status, "resolved"),
  all: undefined,
};

function whereFits(tenantId: string, filter: AlertFilter, now: Date): SQL | undefined {
  const { state, severity, clientId, assetId, time, text } = filter;
  const like = text === undefined ? "" : `%${escapeLike(text)}%`;
  return and(
    eq(rmmAlerts.tenantId, tenantId),
    stateOf[state],
    severity === undefined ? undefined : eq(rmmAlerts.severity, severity),
    clientId === undefined
      ? undefined
      : clientId === "none"
        ? isNull(assets.clientId)
        : eq(assets.clientId, clientId),
    assetId === undefined ? undefined : eq(rmmAlerts.assetId, assetId),
    time === "" ? undefined : gte(since, new Date(now.getTime() - times[time]).toISOString()),
    text === undefined
      ? undefined
      : or(
          ilike(rmmAlerts.name, like),
          ilike(rmmAlerts.description, like),
          ilike(rmmAlerts.deviceHostname, like),
          ilike(assets.name, like),
        ),
  );
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

/** A page of the inbox. Four statements: the page, its total, the active ones by severity, the clients to choose from. */
export async function listAlerts(db: Db, tenantId: string, filter: AlertFilter, page: number, now: Date) {
  return withTenant(db, tenantId, async (tx) => {
    const where = whereFits(tenantId, filter, now);
    const rows = await tx
      .select(columns)
      .from(rmmAlerts)
      .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
      .leftJoin(clients, eq(clients.id, assets.clientId))
      .where(where)
      .orderBy(sql`${since} desc`, desc(rmmAlerts.id))
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
      .orderBy(asc(clients.name));
    return { rows, total: total?.alerts ?? 0, active, clients: choices };
  });
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
export async function readAlert(db: Db, tenantId: string, alertId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const [alert] = await tx
      .select({
        ...columns,
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
    if (alert === undefined) return null;
    return { alert, history: await listDeliveriesOfAlert(tx, tenantId, alertId, HISTORY_SHOWN) };
  });
}

export type AlertDetail = NonNullable<Awaited<ReturnType<typeof readAlert>>>;
