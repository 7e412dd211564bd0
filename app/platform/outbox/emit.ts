import type { TenantDb } from "@db/client";
import { insertEvents } from "@db/queries/outbox/events";
import type { OutgoingEvent } from "@domain/events";

/** Puts events into the outbox, in the transaction that makes them true. */
export async function emit(tx: TenantDb, events: OutgoingEvent[], now: Date): Promise<void> {
  const [first] = events;
  if (first === undefined) return;
  await insertEvents(
    tx,
    first.data.tenantId,
    events.map((event) => ({
      ...event,
      connectionId: "integrationId" in event.data ? event.data.integrationId : null,
    })),
    now,
  );
}
