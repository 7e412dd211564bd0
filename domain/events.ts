import * as z from "zod";

import type { SyncTrigger, SyncType } from "./sync-words";

/**
 * Every event of the product: name and shape. Ids only, never credentials or records.
 * `inngest/events.ts` makes the typed triggers from it; `rmm_events` holds what was emitted.
 */

/** Published payloads call the connection `integrationId`, because subscribers rely on that name. */
const ids = { tenantId: z.string(), integrationId: z.string() };
const run = { ...ids, runId: z.string(), type: z.string() };
/** `kind` is the word of the notification that goes with it. */
const health = { ...ids, kind: z.string() };
const incident = { ...ids, incidentId: z.string() };

export const eventSchemas = {
  /** A run waits to be executed. `continuation` counts the hand-overs of a long walk to a fresh durable run. */
  "rmm/sync.requested": z.object({ ...run, continuation: z.number().int() }),
  "rmm/sync.cancel.requested": z.object({ ...ids, runId: z.string() }),
  "rmm/device.sync.requested": z.object({
    ...ids,
    externalDeviceId: z.string(),
    reason: z.string(),
    isDeleted: z.boolean().optional(),
  }),
  "rmm/group.sync.requested": z.object({ ...ids, externalGroupId: z.string(), reason: z.string() }),
  /** Too many refreshes to read each by id: read all groups, or everything. */
  "rmm/groups.sync.requested": z.object({ ...ids, reason: z.string() }),
  "rmm/account.sync.requested": z.object({ ...ids, reason: z.string() }),
  RMM_SYNC_STARTED: z.object(run),
  RMM_SYNC_COMPLETED: z.object({ ...run, status: z.string() }),
  RMM_SYNC_FAILED: z.object({ ...run, errorCode: z.string() }),
  RMM_DEVICE_CREATED: z.object({ ...ids, assetId: z.string(), externalDeviceId: z.string() }),
  RMM_DEVICE_UPDATED: z.object({ ...ids, assetId: z.string(), externalDeviceId: z.string() }),
  RMM_WEBHOOK_RECEIVED: z.object({ ...ids, deliveryId: z.string(), eventType: z.string() }),
  INTEGRATION_DISCONNECTED: z.object(ids),
  RMM_CONNECTION_FAILING: z.object(health),
  RMM_CONNECTION_RECOVERED: z.object(health),
  RMM_CONNECTION_PAUSED: z.object(health),
  RMM_CONNECTION_NEEDS_ATTENTION: z.object(health),
  RMM_CHANGES_HELD: z.object(health),
  RMM_FRESHNESS_BROKEN: z.object(health),
  RMM_FRESHNESS_KEPT: z.object(health),
  RMM_ALERT_TRIGGERED: z.object({ ...ids, alertId: z.string() }),
  RMM_ALERT_RESOLVED: z.object({ ...ids, alertId: z.string() }),
  INCIDENT_OPENED: z.object(incident),
  /** `change` is the word of the incident's timeline. */
  INCIDENT_UPDATED: z.object({ ...incident, change: z.string() }),
  INCIDENT_RESOLVED: z.object(incident),
  /** Incidents without any notice are still open. `windowId` is null for the RMM's own maintenance mode. */
  MAINTENANCE_ENDED: z.object({
    tenantId: z.string(),
    windowId: z.string().nullable(),
    incidentIds: z.array(z.string()),
    open: z.number().int(),
  }),
} as const;

/**
 * When the work was found to be due, in milliseconds. Data must not be empty: a debouncing Inngest server without a
 * Redis of its own turns `{}` into a list that it cannot read, and the function waits for the next minute.
 */
const wakeUp = z.object({ at: z.number().optional() });

/**
 * Asks the senders of outside messages to look now. Not stored in the outbox, because they look every minute anyway.
 */
export const wakeUpSchemas = {
  "rmm/outgoing.due": wakeUp,
  "rmm/notifications.due": wakeUp,
  "rmm/incidents.due": wakeUp,
  "rmm/tickets.due": wakeUp,
} as const;
export type WakeUp = keyof typeof wakeUpSchemas;

export type EventName = keyof typeof eventSchemas;
type EventData<N extends EventName> = z.infer<(typeof eventSchemas)[N]>;

/** An event on its way to the outbox. `key` de-duplicates it; a random one is given when absent. */
export type OutgoingEvent = {
  [N in EventName]: { name: N; data: EventData<N>; key?: string };
}[EventName];

/** The key of an execution: `levelio:<op>:<tenant>:<connection>:<timestamp>`. */
export function executionKey(parts: {
  provider: string;
  type: SyncType;
  tenantId: string;
  connectionId: string;
  requestedAt: Date;
}): string {
  return [parts.provider, parts.type, parts.tenantId, parts.connectionId, parts.requestedAt.getTime()].join(
    ":",
  );
}

export type { SyncTrigger, SyncType };
