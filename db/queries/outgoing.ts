import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../client";
import { outgoingDeliveries, outgoingSubscriptions, rmmEvents, type OutgoingStatus } from "../schema";

export type SubscriptionRow = typeof outgoingSubscriptions.$inferSelect;

export async function listSubscriptions(tx: TenantDb, tenantId: string): Promise<SubscriptionRow[]> {
  return tx
    .select()
    .from(outgoingSubscriptions)
    .where(eq(outgoingSubscriptions.tenantId, tenantId))
    .orderBy(asc(outgoingSubscriptions.createdAt));
}

export async function insertSubscription(
  tx: TenantDb,
  row: typeof outgoingSubscriptions.$inferInsert,
): Promise<SubscriptionRow> {
  const [inserted] = await tx.insert(outgoingSubscriptions).values(row).returning();
  return inserted!;
}

/** Removes a subscription with what was on its way to it. Returns it, or undefined when there is none. */
export async function deleteSubscription(
  tx: TenantDb,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow | undefined> {
  const [row] = await tx
    .delete(outgoingSubscriptions)
    .where(and(eq(outgoingSubscriptions.tenantId, tenantId), eq(outgoingSubscriptions.id, id)))
    .returning();
  return row;
}

export interface ClaimedDelivery extends Record<string, unknown> {
  id: string;
  tenantId: string;
  subscriptionId: string;
  /** Attempts with this one. */
  attempts: number;
  url: string;
  eventId: string;
  eventName: string;
  occurredMs: number;
  data: Record<string, unknown>;
}

/**
 * Takes deliveries that are due, over all tenants, the longest overdue first, and counts the attempt. Until `until`
 * nobody else takes them; one whose sender died is due again then.
 */
export async function claimDeliveries(
  db: Db,
  now: Date,
  until: Date,
  limit: number,
): Promise<ClaimedDelivery[]> {
  return queryRows<ClaimedDelivery>(
    db,
    sql`with due as (
          select d.id from outgoing_deliveries d
          join outgoing_subscriptions s on s.id = d.subscription_id and s.is_enabled
          where d.status = 'pending' and d.next_attempt_at <= ${now.toISOString()}
          order by d.next_attempt_at limit ${limit} for update of d skip locked
        )
        update outgoing_deliveries d set attempts = d.attempts + 1, next_attempt_at = ${until.toISOString()}
        from due, outgoing_subscriptions s, rmm_events e
        where d.id = due.id and s.id = d.subscription_id and e.id = d.event_id
        returning d.id, d.tenant_id as "tenantId", s.id as "subscriptionId", d.attempts, s.url,
          e.id as "eventId", e.name as "eventName", e.data,
          (extract(epoch from e.occurred_at) * 1000)::float8 as "occurredMs"`,
  );
}

export interface AttemptResult {
  status: OutgoingStatus;
  nextAttemptAt: Date;
  responseStatus: number | null;
  error: string | null;
}

/** Writes what came of an attempt on the delivery and on its subscription. */
export async function recordAttempt(
  tx: TenantDb,
  delivery: ClaimedDelivery,
  result: AttemptResult,
  now: Date,
): Promise<void> {
  const isDelivered = result.status === "delivered";
  await tx
    .update(outgoingDeliveries)
    .set({
      status: result.status,
      nextAttemptAt: result.nextAttemptAt,
      responseStatus: result.responseStatus,
      lastError: result.error,
      deliveredAt: isDelivered ? now : null,
    })
    .where(and(eq(outgoingDeliveries.tenantId, delivery.tenantId), eq(outgoingDeliveries.id, delivery.id)));
  await tx
    .update(outgoingSubscriptions)
    .set({ lastError: result.error, ...(isDelivered ? { lastDeliveredAt: now } : {}) })
    .where(
      and(
        eq(outgoingSubscriptions.tenantId, delivery.tenantId),
        eq(outgoingSubscriptions.id, delivery.subscriptionId),
      ),
    );
}

/** Makes dead deliveries due again, with all their attempts before them; all of the tenant's, or those named. */
export async function reviveDeliveries(
  tx: TenantDb,
  tenantId: string,
  ids: string[] | undefined,
  now: Date,
): Promise<number> {
  const rows = await tx
    .update(outgoingDeliveries)
    .set({ status: "pending", attempts: 0, nextAttemptAt: now })
    .where(
      and(
        eq(outgoingDeliveries.tenantId, tenantId),
        eq(outgoingDeliveries.status, "dead"),
        ids === undefined ? undefined : inArray(outgoingDeliveries.id, ids),
      ),
    )
    .returning({ id: outgoingDeliveries.id });
  return rows.length;
}

/** Deliveries that did not arrive (yet), the newest first. */
export async function listUndelivered(tx: TenantDb, tenantId: string, limit: number) {
  return tx
    .select({
      id: outgoingDeliveries.id,
      status: outgoingDeliveries.status,
      attempts: outgoingDeliveries.attempts,
      nextAttemptAt: outgoingDeliveries.nextAttemptAt,
      responseStatus: outgoingDeliveries.responseStatus,
      lastError: outgoingDeliveries.lastError,
      url: outgoingSubscriptions.url,
      eventName: rmmEvents.name,
      occurredAt: rmmEvents.occurredAt,
    })
    .from(outgoingDeliveries)
    .innerJoin(outgoingSubscriptions, eq(outgoingSubscriptions.id, outgoingDeliveries.subscriptionId))
    .innerJoin(rmmEvents, eq(rmmEvents.id, outgoingDeliveries.eventId))
    .where(
      and(eq(outgoingDeliveries.tenantId, tenantId), inArray(outgoingDeliveries.status, ["pending", "dead"])),
    )
    .orderBy(desc(outgoingDeliveries.createdAt), desc(outgoingDeliveries.id))
    .limit(limit);
}
