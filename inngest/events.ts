import { eventType } from "inngest";

import { eventSchemas, wakeUpSchemas } from "@domain/events";

/** The typed triggers of our own functions, from the one catalogue of events. */
export const syncRequested = eventType("rmm/sync.requested", { schema: eventSchemas["rmm/sync.requested"] });

export const syncCancelRequested = eventType("rmm/sync.cancel.requested", {
  schema: eventSchemas["rmm/sync.cancel.requested"],
});

export const deviceSyncRequested = eventType("rmm/device.sync.requested", {
  schema: eventSchemas["rmm/device.sync.requested"],
});

export const groupSyncRequested = eventType("rmm/group.sync.requested", {
  schema: eventSchemas["rmm/group.sync.requested"],
});

export const groupsSyncRequested = eventType("rmm/groups.sync.requested", {
  schema: eventSchemas["rmm/groups.sync.requested"],
});

export const accountSyncRequested = eventType("rmm/account.sync.requested", {
  schema: eventSchemas["rmm/account.sync.requested"],
});

export const outgoingDue = eventType("rmm/outgoing.due", { schema: wakeUpSchemas["rmm/outgoing.due"] });

export const notificationsDue = eventType("rmm/notifications.due", {
  schema: wakeUpSchemas["rmm/notifications.due"],
});

export const incidentsDue = eventType("rmm/incidents.due", { schema: wakeUpSchemas["rmm/incidents.due"] });

export const ticketsDue = eventType("rmm/tickets.due", { schema: wakeUpSchemas["rmm/tickets.due"] });

export const incidentOpened = eventType("INCIDENT_OPENED", { schema: eventSchemas.INCIDENT_OPENED });
export const incidentUpdated = eventType("INCIDENT_UPDATED", { schema: eventSchemas.INCIDENT_UPDATED });
export const incidentResolved = eventType("INCIDENT_RESOLVED", { schema: eventSchemas.INCIDENT_RESOLVED });
