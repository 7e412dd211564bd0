import { sql, eq, and, inArray, lt, desc } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { queryPrepared, type Db, type TenantDb } from "../../client";
import { rmmEvents, rmmIntegrations, rmmSyncRuns } from "../../schema";
import { runTarget } from "../sync-runs/run-target";

export interface EventInsert {
  name: string;
  data: Record<string, unknown>;
  connectionId: string | null;
  /** By which receivers recognise duplicates. Absent: the row's own id. */
  key?: string;
  /** Subscriptions that get the event even if they did not ask for its name. */
  to?: readonly string[];
}

/**
 * Writes events to the outbox, and their deliveries to subscribers; one statement. Call it in the transaction that
 * makes them true. Creates no delivery about an incident whose notices are suppressed or ignored.
 */
export async function insertEvents(
  tx: TenantDb,
  tenantId: string,
  events: EventInsert[],
  now: Date,
): Promise<void> {
  if (events.length === 0) return;
  const rows = events.map((event) => {
    const id = uuidv7();
    return {
      id,
      key: event.key ?? id,
      name: event.name,
      integration_id: event.connectionId,
      data: event.data,
      to: event.to ?? [],
    };
  });
  await queryPrepared(
    tx,
    sql`with r as (
      select * from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as r(id uuid, key text, name text, integration_id uuid, data jsonb, "to" jsonb)
    ), written as (
      insert into rmm_events (id, tenant_id, integration_id, name, event_key, data, occurred_at)
      select r.id, ${tenantId}, r.integration_id, r.name, r.key, r.data, ${now.toISOString()} from r
      on conflict (event_key) do nothing
      returning id, name, data
    )
    insert into outgoing_deliveries (id, tenant_id, subscription_id, event_id, next_attempt_at)
    select gen_random_uuid(), ${tenantId}, s.id, w.id, ${now.toISOString()}
    from written w join r on r.id = w.id join outgoing_subscriptions s
      on s.tenant_id = ${tenantId} and s.is_enabled and (w.name = any(s.event_names) or s.format <> 'json'
        and w.name = 'INCIDENT_UPDATED' and w.data->>'change' in ('reopened', 'severity_raised')
        or s.format <> 'json' and w.name = 'MAINTENANCE_ENDED' and 'INCIDENT_OPENED' = any(s.event_names)
        or r."to" ? s.id::text)
    where not exists (select from incidents i
      where i.id = (w.data ->> 'incidentId')::uuid and i.tenant_id = ${tenantId}
        and (i.notices_suppressed or i.ignored_until > ${now.toISOString()}))`,
  );
}

export interface OutboxEvent {
  id: string;
  name: string;
  event_key: string;
  data: Record<string, unknown>;
  occurredMs: number;
}

/**
 * The events that wait for the relay, over all tenants, at most `limit`: those that failed least come first, then the
 * oldest.
 */
export async function listUnrelayed(db: Db, limit: number): Promise<OutboxEvent[]> {
  return queryPrepared<OutboxEvent>(
    db,
    sql`select id, name, event_key, data, (extract(epoch from occurred_at) * 1000)::float8 as "occurredMs" from rmm_events
        where relayed_at is null order by attempts, id limit ${limit}`,
  );
}

/** Records that the relay has passed on the events. */
export async function markRelayed(db: Db, ids: string[], now: Date): Promise<void> {
  await queryPrepared(
    db,
    sql`update rmm_events set relayed_at = ${now.toISOString()}, attempts = attempts + 1, last_error = null
        where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)::uuid)`,
  );
}

/** Counts a failed attempt to pass on events, and stores its error (at most 500 characters). The events stay due. */
export async function markRelayFailed(db: Db, ids: string[], error: string): Promise<void> {
  await db.execute(sql`
    update rmm_events set attempts = attempts + 1, last_error = ${error.slice(0, 500)}
    where id in (select jsonb_array_elements_text(${JSON.stringify(ids)}::text::jsonb)::uuid)`);
}

/**
 * Makes the relay send the requests of these runs again, because nobody has started them; one statement for all
 * tenants. The receiver drops duplicates.
 */
export async function unmarkRelayed(db: Db, runIds: string[]): Promise<void> {
  await db.execute(sql`
    update rmm_events e set relayed_at = null from rmm_sync_runs r
    where r.id in (select jsonb_array_elements_text(${JSON.stringify(runIds)}::text::jsonb)::uuid)
      and r.status = 'queued' and e.tenant_id = r.tenant_id and e.event_key = r.key`);
}

/** Events with the number of their deliveries, newest first: at most `limit`, after the event `before`. */
export async function listEvents(
  tx: TenantDb,
  tenantId: string,
  {
    names,
    connectionId,
    before,
  }: { names: readonly string[]; connectionId: string | undefined; before: string | undefined },
  limit: number,
) {
  return tx
    .select({
      id: rmmEvents.id,
      name: rmmEvents.name,
      integration: rmmIntegrations.label,
      data: rmmEvents.data,
      runTarget,
      occurredAt: rmmEvents.occurredAt,
      relayedAt: rmmEvents.relayedAt,
      lastError: rmmEvents.lastError,
      sent: sql<number>`(select count(*)::int from outgoing_deliveries d
        where d.event_id = ${rmmEvents.id} and d.status = 'delivered')`,
      unsent: sql<number>`(select count(*)::int from outgoing_deliveries d
        where d.event_id = ${rmmEvents.id} and d.status <> 'delivered')`,
    })
    .from(rmmEvents)
    .leftJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmEvents.connectionId))
    .leftJoin(
      rmmSyncRuns,
      and(
        eq(rmmSyncRuns.tenantId, rmmEvents.tenantId),
        sql`${rmmSyncRuns.id} = (${rmmEvents.data}->>'runId')::uuid`,
      ),
    )
    .where(
      and(
        eq(rmmEvents.tenantId, tenantId),
        inArray(rmmEvents.name, [...names]),
        connectionId === undefined ? undefined : eq(rmmEvents.connectionId, connectionId),
        before === undefined ? undefined : lt(rmmEvents.id, before),
      ),
    )
    .orderBy(desc(rmmEvents.id))
    .limit(limit);
}
