import type { Db } from "@db/client";
import { whatIsDue } from "@db/queries/outbox/due";
import type { WakeUp } from "@domain/events";
import type { Log } from "~/platform/ports";

export interface WakeDeps {
  db: Db;
  clock: () => Date;
  log: Log;
  send(events: { name: WakeUp; data: { at: number } }[]): Promise<void>;
}

/**
 * Wakes the senders with due deliveries, which go out within seconds. Each sender also checks once a minute, in case a
 * call is lost. Never throws.
 */
export async function wakeSenders(deps: WakeDeps): Promise<void> {
  try {
    const now = deps.clock();
    const due = await whatIsDue(deps.db, now);
    const names: WakeUp[] = [
      ...(due.outgoing ? ["rmm/outgoing.due" as const] : []),
      ...(due.notifications ? ["rmm/notifications.due" as const] : []),
      ...(due.incidents ? ["rmm/incidents.due" as const] : []),
      ...(due.tickets ? ["rmm/tickets.due" as const] : []),
    ];
    if (names.length > 0) await deps.send(names.map((name) => ({ name, data: { at: now.getTime() } })));
  } catch (error) {
    deps.log.warn({ error: String(error) }, "the senders could not be woken; they look each minute");
  }
}
