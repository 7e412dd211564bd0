import { and, asc, eq, gte, inArray, or, sql, type SQL } from "drizzle-orm";

import type { WebhookAuthScheme, DeliveryOutcome } from "@domain/webhook-auth";

import { queryRows, type TenantDb } from "../../client";
import { assets, rmmAlerts, rmmIntegrations, rmmWebhookDeliveries } from "../../schema";
import {
  countPastPlace,
  isPastPlace,
  isReadFromEnd,
  keyOrder,
  keyValues,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "../shared/keyset";
import { contains } from "../shared/search";
import type { DeliveryRow } from "./webhook-deliveries";

const d = rmmWebhookDeliveries;

export interface DeliveryFilter {
  connectionId?: string | undefined;
  scheme?: WebhookAuthScheme | undefined;
  outcomes?: readonly DeliveryOutcome[] | undefined;
  /** Part of the event's type, of the device's id, or of the name of the alert or its device. */
  text?: string | undefined;
  since?: Date | undefined;
  /** Only deliveries that used this secret. */
  secretUsed?: "current" | "previous" | undefined;
  /** Only deliveries received after this one. */
  afterId?: string | undefined;
}

function whereFits(tenantId: string, filter: DeliveryFilter): SQL | undefined {
  const { connectionId, scheme, outcomes, text, since, secretUsed, afterId } = filter;
  return and(
    eq(d.tenantId, tenantId),
    connectionId === undefined ? undefined : eq(d.connectionId, connectionId),
    scheme === undefined ? undefined : eq(d.scheme, scheme),
    outcomes === undefined ? undefined : inArray(d.outcome, [...outcomes]),
    since === undefined ? undefined : gte(d.receivedAt, since),
    secretUsed === undefined ? undefined : eq(d.secretUsed, secretUsed),
    afterId === undefined
      ? undefined
      : sql`(${d.receivedAt}, ${d.id}) > (select l.received_at, l.id from rmm_webhook_deliveries l
          where l.tenant_id = ${tenantId} and l.id = ${afterId})`,
    text === undefined
      ? undefined
      : or(
          contains(d.eventType, text),
          contains(d.externalDeviceId, text),
          sql`${d.alertId} in (select id from rmm_alerts where tenant_id = ${tenantId}
            and (${contains(sql`name`, text)} or ${contains(sql`device_hostname`, text)}))`,
        ),
  );
}

const columns = {
  id: d.id,
  scheme: d.scheme,
  eventType: d.eventType,
  occurredAt: d.occurredAt,
  outcome: d.outcome,
  reason: d.reason,
  responseStatus: d.responseStatus,
  durationMs: d.durationMs,
  secretUsed: d.secretUsed,
  duplicates: d.duplicates,
  isRepaired: d.isRepaired,
  replays: d.replays,
  receivedAt: d.receivedAt,
  externalDeviceId: d.externalDeviceId,
  integration: rmmIntegrations.label,
  assetId: assets.id,
  assetName: assets.name,
  alertId: rmmAlerts.id,
  alertName: rmmAlerts.name,
  deviceHostname: rmmAlerts.deviceHostname,
};

/** The order of deliveries: newest first. */
export const deliveryKeys: SortKey[] = [
  { expression: d.receivedAt, kind: "instant", isDescending: true, isNullable: false },
  { expression: d.id, kind: "id", isDescending: true, isNullable: false },
];

const selectDeliveries = (tx: TenantDb) =>
  tx
    .select({ ...columns, keys: sql<KeyValues>`${keyValues(deliveryKeys)}` })
    .from(d)
    .leftJoin(rmmIntegrations, eq(rmmIntegrations.id, d.connectionId))
    .leftJoin(rmmAlerts, eq(rmmAlerts.id, d.alertId))
    // An alert that arrived before its device has an asset by now, but its delivery has none.
    .leftJoin(assets, sql`${assets.id} = coalesce(${rmmAlerts.assetId}, ${d.assetId})`);

/** A page of the deliveries that match, newest first. */
export async function listDeliveries(
  tx: TenantDb,
  tenantId: string,
  filter: DeliveryFilter,
  { place, limit }: PageSlice,
) {
  const isFromEnd = isReadFromEnd(place);
  const rows = await selectDeliveries(tx)
    .where(and(whereFits(tenantId, filter), isPastPlace(deliveryKeys, place)))
    .orderBy(keyOrder(deliveryKeys, isFromEnd))
    .limit(limit);
  return isFromEnd ? rows.reverse() : rows;
}

/** The deliveries about an alert, newest first. */
export async function listDeliveriesOfAlert(tx: TenantDb, tenantId: string, alertId: string, limit: number) {
  const rows = await selectDeliveries(tx)
    .where(and(eq(d.tenantId, tenantId), eq(d.alertId, alertId)))
    .orderBy(keyOrder(deliveryKeys))
    .limit(limit);
  return rows.map(({ keys: _, ...row }) => row);
}

export type DeliveryLine = Awaited<ReturnType<typeof listDeliveriesOfAlert>>[number];

/** The number of the tenant's deliveries that match the filter, and of those past a place. */
export const countDeliveries = (
  tx: TenantDb,
  tenantId: string,
  filter: DeliveryFilter,
  place: KeysetPlace = "first",
): Promise<PlaceCount> =>
  countPastPlace(tx, deliveryKeys, place, sql`from ${d} where ${whereFits(tenantId, filter)}`);

/** The ids of deliveries that match, oldest first, because a replay must keep the order of arrival. At most `limit`. */
export async function listDeliveryIds(
  tx: TenantDb,
  tenantId: string,
  filter: DeliveryFilter,
  limit: number,
): Promise<string[]> {
  const rows = await tx
    .select({ id: d.id })
    .from(d)
    .where(whereFits(tenantId, filter))
    .orderBy(asc(d.receivedAt), asc(d.id))
    .limit(limit);
  return rows.map(({ id }) => id);
}

/** The tenant's deliveries with these ids, in no particular order. */
export async function getDeliveries(tx: TenantDb, tenantId: string, ids: string[]): Promise<DeliveryRow[]> {
  return tx
    .select()
    .from(d)
    .where(and(eq(d.tenantId, tenantId), inArray(d.id, ids)));
}

/** A delivery with its effects, as its page shows it; undefined if there is none. */
export async function getDeliveryLine(tx: TenantDb, tenantId: string, deliveryId: string) {
  const [row] = await tx
    .select({
      ...columns,
      eventKey: d.eventKey,
      body: d.body,
      bodyIsCut: d.bodyIsCut,
      lastDuplicateAt: d.lastDuplicateAt,
      replayedAt: d.replayedAt,
      connectionId: d.connectionId,
    })
    .from(d)
    .leftJoin(rmmIntegrations, eq(rmmIntegrations.id, d.connectionId))
    .leftJoin(rmmAlerts, eq(rmmAlerts.id, d.alertId))
    .leftJoin(assets, sql`${assets.id} = coalesce(${rmmAlerts.assetId}, ${d.assetId})`)
    .where(and(eq(d.tenantId, tenantId), eq(d.id, deliveryId)));
  return row;
}

/** When the event of a delivery last arrived. */
const lastReceived = sql`coalesce(w.last_duplicate_at, w.received_at)`;

/**
 * Deliveries since an instant that used the previous secret, by auth scheme and, for automations, by the alert's name.
 */
export async function listPreviousSecretUses(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  since: Date,
) {
  return queryRows<{ scheme: WebhookAuthScheme; what: string | null; count: number; lastMs: number }>(
    tx,
    sql`select w.way as scheme, case when w.way = 'automation' then a.name end as what, count(*)::int as count,
          (extract(epoch from max(${lastReceived})) * 1000)::float8 as "lastMs"
        from rmm_webhook_deliveries w left join rmm_alerts a on a.id = w.alert_id
        where w.tenant_id = ${tenantId} and w.integration_id = ${connectionId} and w.secret_used = 'previous'
          and ${lastReceived} >= ${since.toISOString()}
        group by 1, 2 order by max(${lastReceived}) desc limit 50`,
  );
}

/**
 * The number of unreadable deliveries of a connection since an instant, by reason. The times of repetitions are not
 * stored, so for an event that first arrived earlier, it assumes that they are evenly spread.
 */
export async function listUnreadable(tx: TenantDb, tenantId: string, connectionId: string, since: Date) {
  return queryRows<{
    scheme: WebhookAuthScheme;
    reason: string;
    count: number;
    firstMs: number;
    lastMs: number;
  }>(
    tx,
    sql`select w.way as scheme, coalesce(w.reason, '') as reason,
          sum(case when w.received_at >= s.at then 1 + w.duplicates
                else greatest(1, round(w.duplicates * (extract(epoch from ${lastReceived} - s.at)
                                                       / extract(epoch from ${lastReceived} - w.received_at)))) end)::int
            as count,
          (extract(epoch from min(greatest(w.received_at, s.at))) * 1000)::float8 as "firstMs",
          (extract(epoch from max(${lastReceived})) * 1000)::float8 as "lastMs"
        from rmm_webhook_deliveries w cross join (select ${since.toISOString()}::timestamptz as at) s
        where w.tenant_id = ${tenantId} and w.integration_id = ${connectionId} and w.outcome = 'unreadable'
          and ${lastReceived} >= s.at
        group by w.way, w.reason order by max(${lastReceived}) desc limit 20`,
  );
}
