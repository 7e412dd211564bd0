import type { Db } from "@db/client";
import { listUnrelayed, markRelayed, markRelayFailed } from "@db/queries/events";

import type { Log, Meter } from "./ports";

export interface RelayDeps {
  db: Db;
  clock: () => Date;
  log: Log;
  meter?: Pick<Meter, "kickOffFailed"> | undefined;
  /** Hands events to the runner. It may be given an event twice; the id de-duplicates. */
  send(events: { id: string; name: string; data: Record<string, unknown>; ts: number }[]): Promise<void>;
}

/** Some 200 bytes an event: well below what an Inngest server takes in one request. */
const BATCH = 500;

/**
 * Relays the outbox until it is empty, oldest first. A failure leaves the rest for the next call.
 * The order of work (send, then mark) may send an event twice after a crash, and never loses one.
 * @returns how many events were relayed
 */
export async function relayEvents(deps: RelayDeps): Promise<number> {
  let relayed = 0;
  for (;;) {
    const events = await listUnrelayed(deps.db, BATCH);
    if (events.length === 0) return relayed;
    const ids = events.map((event) => event.id);
    try {
      await deps.send(
        events.map((event) => ({
          id: event.event_key,
          name: event.name,
          data: event.data,
          ts: event.occurredMs,
        })),
      );
    } catch (error) {
      deps.log.warn(
        { error: String(error), events: ids.length },
        "events could not be relayed; they are kept",
      );
      if (events.some(({ name }) => name === "RMM_WEBHOOK_RECEIVED")) deps.meter?.kickOffFailed();
      await markRelayFailed(deps.db, ids, String(error));
      return relayed;
    }
    await markRelayed(deps.db, ids, deps.clock());
    relayed += events.length;
  }
}
