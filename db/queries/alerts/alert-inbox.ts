import { and, desc, eq, inArray, isNotNull, isNull, lt, sql, type SQL } from "drizzle-orm";

import { DAY_MS } from "@domain/durations";

import { queryRows, type TenantDb } from "../../client";
import { alertSeverities, assets, clients, rmmAlerts, type AlertSeverity } from "../../schema";
import { textArray } from "../shared/arrays";
import type { SortKey } from "../shared/keyset";
import { hasFolded } from "../shared/search";

export type AlertRow = typeof rmmAlerts.$inferSelect;

export const alertStates = ["open", "active", "acknowledged", "resolved", "all"] as const;
type AlertInboxState = (typeof alertStates)[number];

/** How long ago an alert began: within the last day, week or month, or, for `older`, more than a month ago. */
export const alertTimes = ["", "day", "week", "month", "older"] as const;
export type AlertTime = (typeof alertTimes)[number];

export interface AlertFilter {
  state: AlertInboxState;
  severity: AlertSeverity | undefined;
  /** `none` finds alerts without a client. */
  clientId: string | undefined;
  assetId: string | undefined;
  time: AlertTime;
  text: string | undefined;
}

const times: Record<Exclude<AlertTime, "" | "older">, number> = {
  day: DAY_MS,
  week: 7 * DAY_MS,
  month: 30 * DAY_MS,
};

/** When an alert began, or, if no report says so, when it was last observed. */
const alertSince = sql`coalesce(${rmmAlerts.startedAt}, ${rmmAlerts.observedAt})`;

/** The condition that an alert's age matches the filter at `now`. */
export function isFrom(time: Exclude<AlertTime, "">, now: Date): SQL {
  const since = (ms: number) => new Date(now.getTime() - ms).toISOString();
  return time === "older"
    ? sql`${alertSince} < ${since(times.month)}`
    : sql`${alertSince} >= ${since(times[time])}`;
}

/** The orders of the inbox, as its address names them. */
export const alertOrders = ["newest", "severity"] as const;
export type AlertOrder = (typeof alertOrders)[number];

/** The position in `alertSeverities`, which starts with the most severe. */
const severityRank = sql`array_position(${textArray([...alertSeverities])}, ${rmmAlerts.severity})`;

/** The sort keys of an order of the inbox. They always end with the id, so that no two alerts are equal. */
export function alertKeys(order: AlertOrder): SortKey[] {
  const newestFirst: SortKey[] = [
    { expression: alertSince, kind: "instant", isDescending: true, isNullable: false },
    { expression: rmmAlerts.id, kind: "id", isDescending: true, isNullable: false },
  ];
  if (order === "newest") return newestFirst;
  return [{ expression: severityRank, kind: "int", isDescending: false, isNullable: false }, ...newestFirst];
}

/** The name of an order of the inbox, which its cursors contain. */
export const alertScope = (order: AlertOrder): string => `alerts:${order}`;

const stateOf: Record<AlertInboxState, SQL | undefined> = {
  open: and(eq(rmmAlerts.status, "active"), isNull(rmmAlerts.acknowledgedAt)),
  active: eq(rmmAlerts.status, "active"),
  acknowledged: and(eq(rmmAlerts.status, "active"), isNotNull(rmmAlerts.acknowledgedAt)),
  resolved: eq(rmmAlerts.status, "resolved"),
  all: undefined,
};

/** The condition of a filter, for a query that joins alerts with their assets. */
export function whereAlertFits(tenantId: string, filter: AlertFilter, now: Date): SQL | undefined {
  const { state, severity, clientId, assetId, time, text } = filter;
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
    time === "" ? undefined : isFrom(time, now),
    text === undefined ? undefined : hasFolded(rmmAlerts.searchText, text),
  );
}

/** A choice of alerts: picked one by one, found by a filter, or acknowledged together at one instant. */
export type AlertChoice =
  | { kind: "picked"; ids: string[] }
  | { kind: "filter"; filter: AlertFilter; now: Date }
  | { kind: "together"; at: Date; userId: string };

function whereChosen(tx: TenantDb, tenantId: string, choice: AlertChoice): SQL | undefined {
  switch (choice.kind) {
    case "picked":
      return inArray(rmmAlerts.id, choice.ids);
    case "together":
      return and(eq(rmmAlerts.acknowledgedAt, choice.at), eq(rmmAlerts.acknowledgedBy, choice.userId));
    case "filter":
      return inArray(
        rmmAlerts.id,
        tx
          .select({ id: rmmAlerts.id })
          .from(rmmAlerts)
          .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
          .where(whereAlertFits(tenantId, choice.filter, choice.now)),
      );
  }
}

/** How many alerts match a filter. */
export async function countAlerts(
  tx: TenantDb,
  tenantId: string,
  filter: AlertFilter,
  now: Date,
): Promise<number> {
  const [total] = await tx
    .select({ alerts: sql<number>`count(*)::int` })
    .from(rmmAlerts)
    .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
    .where(whereAlertFits(tenantId, filter, now));
  return total?.alerts ?? 0;
}

/**
 * How many active alerts a person acknowledged at an instant. Acknowledging several at once gives all of them the same
 * instant.
 */
export async function countAcknowledgedAt(
  tx: TenantDb,
  tenantId: string,
  { at, userId }: { at: Date; userId: string },
): Promise<number> {
  const [row] = await queryRows<{ alerts: number }>(
    tx,
    sql`select count(*)::int as alerts from rmm_alerts
        where tenant_id = ${tenantId} and status = 'active'
          and acknowledged_at = ${at.toISOString()} and acknowledged_by = ${userId}`,
  );
  return row?.alerts ?? 0;
}

/** The tenant's alert with this id, or undefined. */
export async function getAlert(
  tx: TenantDb,
  tenantId: string,
  alertId: string,
): Promise<AlertRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmAlerts)
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.id, alertId)));
  return row;
}

/**
 * The alerts that match, with their assets and clients, newest first by id: at most `limit`, after the alert `before`.
 */
export async function listAlertsById(
  tx: TenantDb,
  tenantId: string,
  { filter, now, alertId }: { filter: AlertFilter; now: Date; alertId?: string },
  page: { before: string | undefined; limit: number },
) {
  return tx
    .select({
      alert: rmmAlerts,
      asset: { id: assets.id, name: assets.name },
      client: { id: clients.id, name: clients.name },
    })
    .from(rmmAlerts)
    .leftJoin(assets, eq(assets.id, rmmAlerts.assetId))
    .leftJoin(clients, eq(clients.id, assets.clientId))
    .where(
      and(
        whereAlertFits(tenantId, filter, now),
        alertId === undefined ? undefined : eq(rmmAlerts.id, alertId),
        page.before === undefined ? undefined : lt(rmmAlerts.id, page.before),
      ),
    )
    .orderBy(desc(rmmAlerts.id))
    .limit(page.limit);
}

export type Acknowledgement = { at: Date; userId: string | null };

const acknowledgementOf = (by: Acknowledgement | null) => ({
  acknowledgedAt: by?.at ?? null,
  acknowledgedBy: by?.userId ?? null,
});

const isToBeChanged = (by: Acknowledgement | null) =>
  by === null ? isNotNull(rmmAlerts.acknowledgedAt) : isNull(rmmAlerts.acknowledgedAt);

/** Sets who acknowledged an alert, or, with null, removes the acknowledgement. Returns whether this call changed it. */
export async function setAcknowledged(
  tx: TenantDb,
  tenantId: string,
  alertId: string,
  by: Acknowledgement | null,
): Promise<boolean> {
  const rows = await tx
    .update(rmmAlerts)
    .set(acknowledgementOf(by))
    .where(and(eq(rmmAlerts.tenantId, tenantId), eq(rmmAlerts.id, alertId), isToBeChanged(by)))
    .returning({ id: rmmAlerts.id });
  return rows.length > 0;
}

/** Does the same for all active alerts of a choice; one statement. Returns how many it changed. */
export async function setAllAcknowledged(
  tx: TenantDb,
  tenantId: string,
  choice: AlertChoice,
  by: Acknowledgement | null,
): Promise<number> {
  const changed = tx.$with("changed").as(
    tx
      .update(rmmAlerts)
      .set(acknowledgementOf(by))
      .where(
        and(
          eq(rmmAlerts.tenantId, tenantId),
          eq(rmmAlerts.status, "active"),
          isToBeChanged(by),
          whereChosen(tx, tenantId, choice),
        ),
      )
      .returning({ id: rmmAlerts.id }),
  );
  const [row] = await tx
    .with(changed)
    .select({ alerts: sql<number>`count(*)::int` })
    .from(changed);
  return row?.alerts ?? 0;
}
