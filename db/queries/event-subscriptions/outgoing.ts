import { and, asc, desc, eq, inArray, sql } from "drizzle-orm";

import { MAX_ATTEMPTS, UNRECORDED } from "@domain/back-off";
import type { SubscriptionFormat } from "@domain/chat-messages";

import { queryRows, type Db, type TenantDb } from "../../client";
import { outgoingDeliveries, outgoingSubscriptions, rmmEvents, type OutgoingStatus } from "../../schema";

export type SubscriptionRow = typeof outgoingSubscriptions.$inferSelect;

/** The tenant's outgoing webhooks and channels, oldest first. */
export async function listSubscriptions(tx: TenantDb, tenantId: string): Promise<SubscriptionRow[]> {
  return tx
    .select()
    .from(outgoingSubscriptions)
    .where(eq(outgoingSubscriptions.tenantId, tenantId))
    .orderBy(asc(outgoingSubscriptions.createdAt));
}

/** Inserts a subscription. Returns the row. */
export async function insertSubscription(
  tx: TenantDb,
  row: typeof outgoingSubscriptions.$inferInsert,
): Promise<SubscriptionRow> {
  const [inserted] = await tx.insert(outgoingSubscriptions).values(row).returning();
  return inserted!;
}

const isSubscription = (tenantId: string, id: string) =>
  and(eq(outgoingSubscriptions.tenantId, tenantId), eq(outgoingSubscriptions.id, id));

/** The tenant's outgoing webhook or channel with this id, or undefined. */
export async function getSubscription(
  tx: TenantDb,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow | undefined> {
  const [row] = await tx.select().from(outgoingSubscriptions).where(isSubscription(tenantId, id));
  return row;
}

/** The same row, locked until the transaction ends. */
export async function lockSubscription(
  tx: TenantDb,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow | undefined> {
  const [row] = await tx
    .select()
    .from(outgoingSubscriptions)
    .where(isSubscription(tenantId, id))
    .for("update");
  return row;
}

/** Changes a subscription. Returns the changed row; undefined if there is none. */
export async function updateSubscription(
  tx: TenantDb,
  tenantId: string,
  id: string,
  set: Partial<SubscriptionRow>,
  now: Date,
): Promise<SubscriptionRow | undefined> {
  const [row] = await tx
    .update(outgoingSubscriptions)
    .set({ ...set, updatedAt: now })
    .where(isSubscription(tenantId, id))
    .returning();
  return row;
}

/** Deletes a subscription with its deliveries. Returns it; undefined if there is none. */
export async function deleteSubscription(
  tx: TenantDb,
  tenantId: string,
  id: string,
): Promise<SubscriptionRow | undefined> {
  const [row] = await tx.delete(outgoingSubscriptions).where(isSubscription(tenantId, id)).returning();
  return row;
}

export interface ClaimedDelivery {
  id: string;
  tenantId: string;
  subscriptionId: string;
  /** The number of attempts, including this one. */
  attempts: number;
  /** The receiver's failures in a row before this attempt. */
  failures: number;
  url: string;
  format: SubscriptionFormat;
  /** The names of the events that the subscription asks for. */
  eventNames: string[];
  includesRecord: boolean;
  hasLegacySignature: boolean;
  eventId: string;
  eventName: string;
  occurredMs: number;
  data: Record<string, unknown>;
}

export interface ClaimLimits {
  /** The most deliveries to claim, over all receivers. */
  total: number;
  /**
   * The most attempts in progress to one receiver. It is one for a chat channel, and for a receiver that did not answer
   * last.
   */
  perReceiver: number;
  /** The receivers of the attempts in progress: one entry for each attempt. */
  inHand: readonly string[];
}

/**
 * Claims due deliveries of all tenants, longest overdue first, and counts the attempt. Claims none for a receiver in
 * cooldown, and limits those of each receiver, so that none delays the others. A claim lasts until `until`; if the
 * sender's process ends, the delivery is due again then. A delivery without an outcome after its last attempt becomes
 * dead.
 */
export async function claimDeliveries(
  db: Db,
  now: Date,
  until: Date,
  { total, perReceiver, inHand }: ClaimLimits,
): Promise<ClaimedDelivery[]> {
  const at = now.toISOString();
  return queryRows<ClaimedDelivery>(
    db,
    sql`with busy as (
          select value::uuid as subscription_id, count(*)::int as n
          from jsonb_array_elements_text(${JSON.stringify(inHand)}::text::jsonb) group by 1
        ),
        due as (
          select d.id from outgoing_subscriptions s
          left join busy on busy.subscription_id = s.id
          cross join lateral (
            select id, next_attempt_at from outgoing_deliveries
            where subscription_id = s.id and status = 'pending' and next_attempt_at <= ${at}
            order by next_attempt_at
            limit greatest(0, case when s.failures > 0 or s.format <> 'json' then 1 else ${perReceiver}::int end - coalesce(busy.n, 0))
            for update skip locked
          ) d
          where s.is_enabled and (s.rests_until is null or s.rests_until <= ${at})
          order by d.next_attempt_at limit ${total}
        ),
        given_up as (
          update outgoing_deliveries d set status = 'dead', last_error = ${UNRECORDED}
          from due where d.id = due.id and d.attempts >= ${MAX_ATTEMPTS}
        )
        update outgoing_deliveries d set attempts = d.attempts + 1, next_attempt_at = ${until.toISOString()}
        from due, outgoing_subscriptions s, rmm_events e
        where d.id = due.id and s.id = d.subscription_id and e.id = d.event_id and d.attempts < ${MAX_ATTEMPTS}
        returning d.id, d.tenant_id as "tenantId", s.id as "subscriptionId", d.attempts, s.failures, s.url, s.format,
          s.event_names as "eventNames",
          s.includes_record as "includesRecord", s.has_legacy_signature as "hasLegacySignature",
          e.id as "eventId", e.name as "eventName", e.data,
          (extract(epoch from e.occurred_at) * 1000)::float8 as "occurredMs"`,
  );
}

export interface AttemptResult {
  status: OutgoingStatus;
  nextAttemptAt: Date;
  responseStatus: number | null;
  error: string | null;
  /** How many attempts in a row the receiver did not answer, and until when its cooldown lasts. */
  failures: number;
  restsUntil: Date | null;
}

/**
 * Records the outcome of an attempt on the delivery and its subscription. Does nothing if the claim expired and another
 * attempt has begun.
 */
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
    .where(
      and(
        eq(outgoingDeliveries.tenantId, delivery.tenantId),
        eq(outgoingDeliveries.id, delivery.id),
        eq(outgoingDeliveries.status, "pending"),
        eq(outgoingDeliveries.attempts, delivery.attempts),
      ),
    );
  await tx
    .update(outgoingSubscriptions)
    .set({
      lastError: result.error,
      failures: result.failures,
      restsUntil: result.restsUntil,
      ...(isDelivered ? { lastDeliveredAt: now } : {}),
    })
    .where(
      and(
        eq(outgoingSubscriptions.tenantId, delivery.tenantId),
        eq(outgoingSubscriptions.id, delivery.subscriptionId),
      ),
    );
}

/**
 * Postpones a claimed delivery, or marks it delivered because there is nothing to send. Does not count as an attempt.
 */
export async function leaveUnsent(
  tx: TenantDb,
  delivery: ClaimedDelivery,
  set: { status: "pending"; nextAttemptAt: Date } | { status: "delivered"; deliveredAt: Date },
): Promise<void> {
  await tx
    .update(outgoingDeliveries)
    .set({ ...set, attempts: delivery.attempts - 1, lastError: null })
    .where(
      and(
        eq(outgoingDeliveries.tenantId, delivery.tenantId),
        eq(outgoingDeliveries.id, delivery.id),
        eq(outgoingDeliveries.status, "pending"),
        eq(outgoingDeliveries.attempts, delivery.attempts),
      ),
    );
}

/**
 * Gives up pending deliveries, tried or not, of events before `since`, for a receiver that does not answer. Keeps
 * untried ones that became due after `since`, because a person requeued them. Returns how many it gave up.
 */
export async function deadLetterWaiting(
  tx: TenantDb,
  { tenantId, subscriptionId }: Pick<ClaimedDelivery, "tenantId" | "subscriptionId">,
  since: Date,
  error: string,
): Promise<number> {
  const before = since.toISOString();
  const rows = await queryRows(
    tx,
    sql`update outgoing_deliveries d set status = 'dead', last_error = ${error}
        from rmm_events e
        where d.tenant_id = ${tenantId} and d.subscription_id = ${subscriptionId} and d.status = 'pending'
          and e.id = d.event_id and e.occurred_at < ${before} and (d.attempts > 0 or d.next_attempt_at < ${before})
        returning 1`,
  );
  return rows.length;
}

/**
 * Makes dead deliveries due again with a full set of attempts: the given ones, or all of the tenant's. Ends the
 * cooldown of their receivers, because a person asked for it. Returns how many.
 */
export async function requeueDeliveries(
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
    .returning({ subscriptionId: outgoingDeliveries.subscriptionId });
  const receivers = [...new Set(rows.map(({ subscriptionId }) => subscriptionId))];
  if (receivers.length > 0) {
    await tx
      .update(outgoingSubscriptions)
      .set({ restsUntil: null })
      .where(and(eq(outgoingSubscriptions.tenantId, tenantId), inArray(outgoingSubscriptions.id, receivers)));
  }
  return rows.length;
}

/** Deliveries that have not arrived, newest first, at most `limit`. */
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

/** The latest deliveries to a subscription with their outcomes, newest event first, at most `limit`. */
export async function listDeliveriesTo(
  tx: TenantDb,
  tenantId: string,
  subscriptionId: string,
  limit: number,
) {
  return tx
    .select({
      id: outgoingDeliveries.id,
      status: outgoingDeliveries.status,
      attempts: outgoingDeliveries.attempts,
      nextAttemptAt: outgoingDeliveries.nextAttemptAt,
      lastError: outgoingDeliveries.lastError,
      deliveredAt: outgoingDeliveries.deliveredAt,
      eventName: rmmEvents.name,
      occurredAt: rmmEvents.occurredAt,
    })
    .from(outgoingDeliveries)
    .innerJoin(rmmEvents, eq(rmmEvents.id, outgoingDeliveries.eventId))
    .where(
      and(eq(outgoingDeliveries.tenantId, tenantId), eq(outgoingDeliveries.subscriptionId, subscriptionId)),
    )
    .orderBy(desc(outgoingDeliveries.eventId))
    .limit(limit);
}
