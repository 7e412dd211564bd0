import type { EventName } from "./events";

/** Events that report what happened and can be sent to subscribers; the others request work. */
export const publishedEvents = [
  "RMM_SYNC_STARTED",
  "RMM_SYNC_COMPLETED",
  "RMM_SYNC_FAILED",
  "RMM_DEVICE_CREATED",
  "RMM_DEVICE_UPDATED",
  "RMM_WEBHOOK_RECEIVED",
  "INTEGRATION_DISCONNECTED",
  "RMM_CONNECTION_FAILING",
  "RMM_CONNECTION_RECOVERED",
  "RMM_CONNECTION_PAUSED",
  "RMM_CONNECTION_NEEDS_ATTENTION",
  "RMM_CHANGES_HELD",
  "RMM_FRESHNESS_BROKEN",
  "RMM_FRESHNESS_KEPT",
  "RMM_ALERT_TRIGGERED",
  "RMM_ALERT_RESOLVED",
  "INCIDENT_OPENED",
  "INCIDENT_UPDATED",
  "INCIDENT_RESOLVED",
  "MAINTENANCE_ENDED",
] as const satisfies EventName[];

export type PublishedEvent = (typeof publishedEvents)[number];

export const publishedEventLabels: Record<PublishedEvent, string> = {
  RMM_SYNC_STARTED: "Sync started",
  RMM_SYNC_COMPLETED: "Sync completed",
  RMM_SYNC_FAILED: "Sync failed",
  RMM_DEVICE_CREATED: "Device created",
  RMM_DEVICE_UPDATED: "Device updated",
  RMM_WEBHOOK_RECEIVED: "Webhook received",
  INTEGRATION_DISCONNECTED: "Connection ended",
  RMM_CONNECTION_FAILING: "Connection failing",
  RMM_CONNECTION_RECOVERED: "Connection works again",
  RMM_CONNECTION_PAUSED: "Schedule paused",
  RMM_CONNECTION_NEEDS_ATTENTION: "API key refused",
  RMM_CHANGES_HELD: "Changes held back",
  RMM_FRESHNESS_BROKEN: "Devices confirmed too late",
  RMM_FRESHNESS_KEPT: "Devices confirmed in time again",
  RMM_ALERT_TRIGGERED: "Alert triggered",
  RMM_ALERT_RESOLVED: "Alert resolved",
  INCIDENT_OPENED: "Incident opened",
  INCIDENT_UPDATED: "Incident changed",
  INCIDENT_RESOLVED: "Incident resolved",
  MAINTENANCE_ENDED: "Maintenance ended with incidents open",
};
