import type { Db } from "@db/client";
import { listUnrelayed, markRelayed, markRelayFailed, type OutboxEvent } from "@db/queries/outbox/events";
import type { Log, Meter } from "~/platform/ports";

export interface RelayDeps {
  db: Db;
  clock: () => Date;
  log: Log;
  meter?: Pick<Meter, "kickOffFailed"> | undefined;
  /** Passes events to the runner, which may get an event twice and drops the repetition by its id. */
  send(events: { id: string; name: string; data: Record<string, unknown>; ts: number }[]): Promise<void>;
}

/** Some 200 bytes an event: well below what an Inngest server takes in one request. */
const BATCH = 500;
/** After this many refusals in a row the receiver counts as down. */
const AWAY_AFTER = 3;

/**
 * Relays the outbox until it is empty, oldest first; events that failed before come last. If a batch is refused, sends
 * its events one by one, so that one refused event delays no other; after `AWAY_AFTER` refusals in a row, leaves the
 * rest to the next call. Sends events before marking them: a crash may send an event twice, but loses none.
 * @returns how many events were relayed
 */
export async function relayEvents(deps: RelayDeps): Promise<number> {
  let relayed = 0;
  const refused = new Set<string>();
  for (;;) {
    const events = (await listUnrelayed(deps.db, BATCH + refused.size)).filter(({ id }) => !refused.has(id));
    if (events.length === 0) return relayed;
    if ((await relay(deps, events)) === null) {
      relayed += events.length;
      continue;
    }
    let inARow = 0;
    for (const event of events) {
      const error = await relay(deps, [event]);
      if (error === null) {
        relayed++;
        inARow = 0;
        continue;
      }
      refused.add(event.id);
      deps.log.warn(
        { eventId: event.id, name: event.name, error: String(error) },
        "an event could not be relayed; it is kept",
      );
      if (event.name === "RMM_WEBHOOK_RECEIVED") deps.meter?.kickOffFailed();
      await markRelayFailed(deps.db, [event.id], String(error));
      if (++inARow === AWAY_AFTER) return relayed;
    }
  }
}

/** Sends events together and marks them. Returns the error, or null. */
async function relay(deps: RelayDeps, events: OutboxEvent[]): Promise<unknown> {
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
    return error ?? "refused";
  }
  await markRelayed(
    deps.db,
    events.map(({ id }) => id),
    deps.clock(),
  );
  return null;
}
