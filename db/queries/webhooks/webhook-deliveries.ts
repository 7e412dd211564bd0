import { and, eq, sql } from "drizzle-orm";

import type { ConnectionRef } from "@domain/refs";
import type { WebhookAuthScheme, DeliveryOutcome } from "@domain/webhook-auth";

import { queryRows, type Db, type TenantDb } from "../../client";
import { rmmWebhookDeliveries } from "../../schema";

export type DeliveryRow = typeof rmmWebhookDeliveries.$inferSelect;

interface DeliveryInsert {
  scheme: WebhookAuthScheme;
  secretUsed: "current" | "previous";
  eventType: string | null;
  eventKey: string;
  occurredAt: Date | null;
  externalDeviceId: string | null;
  outcome: DeliveryOutcome;
  reason: string | null;
  isRepaired: boolean;
  responseStatus: number;
  durationMs: number;
  body: string;
  bodyIsCut: boolean;
  receivedAt: Date;
}

/** The secret with which a sender was admitted, as it was read: its row and its sealed text. */
export interface UsedSecret {
  id: string;
  sealed: string;
}

export interface NewDelivery extends DeliveryInsert {
  id: string;
  connectionId: string;
  secret: UsedSecret;
}

/**
 * Records deliveries, except those whose event is already recorded, or whose secret or connection is not valid any
 * more. One statement, so that no other sender and no rotation can come in between. Sets the asset of the device, if it
 * is known. Returns the ids of the recorded deliveries.
 */
export async function insertDeliveries(
  tx: TenantDb,
  tenantId: string,
  deliveries: NewDelivery[],
): Promise<Set<string>> {
  const rows = deliveries.map(({ secret, ...delivery }) => ({
    ...delivery,
    secretId: secret.id,
    sealed: secret.sealed,
  }));
  const written = await queryRows<{ id: string }>(
    tx,
    sql`insert into rmm_webhook_deliveries (id, tenant_id, integration_id, way, secret_used, event_type, event_key,
          occurred_at, external_device_id, outcome, reason, response_status, duration_ms, body, body_is_cut,
          is_repaired, received_at, asset_id)
        select r.id, ${tenantId}, i.id, r.scheme, r."secretUsed", r."eventType", r."eventKey", r."occurredAt",
          r."externalDeviceId", r.outcome, r.reason, r."responseStatus", r."durationMs", r.body, r."bodyIsCut",
          r."isRepaired", r."receivedAt",
          (select m.asset_id from tenant_external_entity_mappings m
           where m.tenant_id = ${tenantId} and m.integration_id = i.id and m.external_type = 'device'
             and m.external_id = r."externalDeviceId")
        from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(
          id uuid, "connectionId" uuid, scheme text, "secretUsed" text, "eventType" text, "eventKey" text,
          "occurredAt" timestamptz, "externalDeviceId" text, outcome text, reason text, "responseStatus" int,
          "durationMs" int, body text, "bodyIsCut" boolean, "isRepaired" boolean, "receivedAt" timestamptz, "secretId" uuid, sealed text)
        join rmm_integrations i on i.tenant_id = ${tenantId} and i.id = r."connectionId"
          and i.status <> 'disconnected'
        join tenant_secrets s on s.tenant_id = ${tenantId} and s.integration_id = i.id and s.id = r."secretId"
          and s.sealed = r.sealed and (s.expires_at is null or s.expires_at > r."receivedAt")
        order by r."eventKey" -- so that two writers never wait for each other in a circle
        on conflict (tenant_id, integration_id, event_key) do nothing
        returning id`,
  );
  return new Set(written.map(({ id }) => id));
}

const whereSecretIsGood = ({ tenantId, connectionId }: ConnectionRef, secret: UsedSecret, now: Date) =>
  sql`rmm_integrations i join tenant_secrets s on s.tenant_id = i.tenant_id and s.integration_id = i.id
      where i.tenant_id = ${tenantId} and i.id = ${connectionId} and i.status <> 'disconnected'
        and s.id = ${secret.id} and s.sealed = ${secret.sealed}
        and (s.expires_at is null or s.expires_at > ${now.toISOString()})`;

/**
 * Counts another delivery of a recorded event, and the secret it used. Undefined if the event is not recorded, or the
 * secret is not valid any more.
 */
export async function noteDuplicate(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  eventKey: string,
  now: Date,
  { secret, secretUsed }: Pick<NewDelivery, "secret" | "secretUsed">,
): Promise<{ id: string; responseStatus: number } | undefined> {
  const [row] = await tx
    .update(rmmWebhookDeliveries)
    .set({ duplicates: sql`${rmmWebhookDeliveries.duplicates} + 1`, lastDuplicateAt: now, secretUsed })
    .where(
      and(
        eq(rmmWebhookDeliveries.tenantId, tenantId),
        eq(rmmWebhookDeliveries.connectionId, connectionId),
        eq(rmmWebhookDeliveries.eventKey, eventKey),
        sql`exists (select from ${whereSecretIsGood({ tenantId, connectionId }, secret, now)})`,
      ),
    )
    .returning({ id: rmmWebhookDeliveries.id, responseStatus: rmmWebhookDeliveries.responseStatus });
  return row;
}

/**
 * The alert that a repeated text now refers to, and since when its state has been the opposite of the text; null if it
 * is not.
 */
export interface Recurrence {
  alertId: string | null;
  oppositeAt: Date | null;
  secret: UsedSecret & { usedAt: Date };
}

/**
 * Releases an event's key, so that the same text can report another occurrence: if the text referred to another alert,
 * or has not arrived since `oppositeAt`. Returns whether it released the key.
 */
export async function retireEventKey(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  eventKey: string,
  { alertId, oppositeAt, secret }: Recurrence,
): Promise<boolean> {
  const d = rmmWebhookDeliveries;
  const rows = await tx
    .update(d)
    .set({ eventKey: sql`${d.eventKey} || '#' || ${d.id}` })
    .where(
      and(
        eq(d.tenantId, tenantId),
        eq(d.connectionId, connectionId),
        eq(d.eventKey, eventKey),
        sql`(${d.alertId} is distinct from ${alertId}::uuid
             or coalesce(${d.lastDuplicateAt}, ${d.receivedAt}) <= ${oppositeAt?.toISOString() ?? null}::timestamptz)`,
        sql`exists (select from ${whereSecretIsGood({ tenantId, connectionId }, secret, secret.usedAt)})`,
      ),
    )
    .returning({ id: d.id });
  return rows.length > 0;
}

/** The content and outcome of a replayed delivery. */
export type ReplayedDelivery = Pick<
  DeliveryRow,
  "id" | "outcome" | "reason" | "alertId" | "assetId" | "eventType" | "externalDeviceId" | "isRepaired"
>;

/** Stores the outcomes of replayed deliveries; one statement. */
export async function updateReplayed(
  tx: TenantDb,
  tenantId: string,
  deliveries: ReplayedDelivery[],
  now: Date,
): Promise<void> {
  if (deliveries.length === 0) return;
  await tx.execute(sql`
    update rmm_webhook_deliveries d set outcome = r.outcome, reason = r.reason, alert_id = r."alertId",
      asset_id = r."assetId", event_type = r."eventType", external_device_id = r."externalDeviceId",
      is_repaired = r."isRepaired", replays = d.replays + 1, replayed_at = ${now.toISOString()}
    from jsonb_to_recordset(${JSON.stringify(deliveries)}::text::jsonb) as r(
      id uuid, outcome text, reason text, "alertId" uuid, "assetId" uuid, "eventType" text,
      "externalDeviceId" text, "isRepaired" boolean)
    where d.tenant_id = ${tenantId} and d.id = r.id`);
}

/** Stores on deliveries what they did to their alerts; one statement. */
export async function updateOutcomes(
  tx: TenantDb,
  tenantId: string,
  outcomes: (Pick<DeliveryRow, "id" | "outcome" | "reason" | "durationMs"> & {
    alertId: string | null;
    assetId: string | null;
  })[],
): Promise<void> {
  if (outcomes.length === 0) return;
  await tx.execute(sql`
    update rmm_webhook_deliveries d set outcome = r.outcome, reason = r.reason, duration_ms = r."durationMs",
      alert_id = r."alertId", asset_id = r."assetId"
    from jsonb_to_recordset(${JSON.stringify(outcomes)}::text::jsonb) as r(
      id uuid, outcome text, reason text, "durationMs" int, "alertId" uuid, "assetId" uuid)
    where d.tenant_id = ${tenantId} and d.id = r.id`);
}

/** Excludes test deliveries that Plumbline sent itself, because they do not prove that the provider sends. */
export const isOfProvider = sql`event_type is distinct from 'plumbline.test'`;

/**
 * Deletes deliveries received before an instant, over all tenants, oldest first, at most `limit`. Stores when each
 * connection first received one from its provider. Returns how many it deleted.
 */
export async function deleteOldDeliveries(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const [row] = await queryRows<{ deleted: number }>(
    db,
    sql`with old as (
          select id, integration_id, event_type, received_at from rmm_webhook_deliveries
          where received_at < ${before.toISOString()} order by id
          limit ${limit} offset ${skip}
        ),
        gone as (delete from rmm_webhook_deliveries where id in (select id from old)),
        heard as (
          update rmm_integrations i set webhook_first_heard_at = first.at
          from (select integration_id, min(received_at) as at from old where ${isOfProvider} group by 1) first
          where i.id = first.integration_id and i.webhook_first_heard_at is null
        )
        select count(*)::int as deleted from old`,
  );
  return row?.deleted ?? 0;
}

/** Deletes counts of rejections from before an instant, over all tenants. There are only a few an hour. */
export async function deleteOldRejections(db: Db, before: Date): Promise<void> {
  await db.execute(sql`delete from rmm_webhook_rejections where hour < ${before.toISOString()}`);
}
