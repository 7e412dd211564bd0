import { isConflict, isDataError } from "@db/errors";
import { UNRECORDED } from "@domain/back-off";
import type { Log } from "~/platform/ports";

export interface Sender<Claimed extends { id: string }, Outcome> {
  clock: () => Date;
  log: Log;
  /**
   * Claims due deliveries until `until` and counts the attempt. Gives up deliveries that have had `MAX_ATTEMPTS`.
   * @param inHand the running attempts
   */
  claim(now: Date, until: Date, limit: number, inHand: readonly Claimed[]): Promise<Claimed[]>;
  /** Milliseconds that a claim lasts: longer than an attempt and writing its outcome take. */
  claimMs: number;
  /** The most attempts at a time. */
  atOnce: number;
  attempt(delivery: Claimed, now: Date): Promise<Outcome>;
  /** The outcome of an attempt that threw. */
  failed(reason: string): Outcome;
  /** Records the outcome of an attempt. */
  record(delivery: Claimed, outcome: Outcome): Promise<void>;
}

/** Milliseconds during which one call starts new attempts; the next call finds the rest. */
const BUDGET_MS = 20_000;

/**
 * Sends what is due, several deliveries at once. Each finished attempt makes room for the next, so that a slow receiver
 * blocks only its own place.
 *
 * An attempt that throws counts as failed and delays no other. If the database refuses an outcome, the attempt counts
 * as failed too; `claim` gives up a delivery that has had `MAX_ATTEMPTS` without an outcome. If no outcome can be
 * written at all, no new attempt starts, because every delivery would go out repeatedly. After a crash between an
 * attempt and its record, the delivery is sent again once the claim expires: it may go out twice, but is never lost.
 * @returns how many attempts were made
 * @throws the first error of writing an outcome, once the running attempts have ended
 */
export async function deliverDue<Claimed extends { id: string }, Outcome>(
  sender: Sender<Claimed, Outcome>,
): Promise<number> {
  const endAt = performance.now() + BUDGET_MS;
  const inHand = new Map<Claimed, Promise<void>>();
  const faults: unknown[] = [];
  let attempts = 0;
  const carryOut = async (delivery: Claimed, now: Date) => {
    try {
      await record(sender, delivery, await attempted(sender, delivery, now));
    } catch (error) {
      sender.log.error({ id: delivery.id, err: error }, "what came of an attempt could not be written");
      if (!isDataError(error) && !isConflict(error)) faults.push(error);
    } finally {
      inHand.delete(delivery);
    }
  };
  for (;;) {
    const room = sender.atOnce - inHand.size;
    if (room > 0 && faults.length === 0 && performance.now() < endAt) {
      const now = sender.clock();
      const until = new Date(now.getTime() + sender.claimMs);
      const claimed = await sender.claim(now, until, room, [...inHand.keys()]);
      for (const delivery of claimed) inHand.set(delivery, carryOut(delivery, now));
      attempts += claimed.length;
    }
    if (inHand.size === 0) break;
    await Promise.race(inHand.values());
  }
  if (faults.length > 0) throw faults[0];
  return attempts;
}

async function record<Claimed extends { id: string }, Outcome>(
  sender: Sender<Claimed, Outcome>,
  delivery: Claimed,
  outcome: Outcome,
): Promise<void> {
  try {
    await sender.record(delivery, outcome);
  } catch (error) {
    if (!isDataError(error)) throw error;
    sender.log.error({ id: delivery.id, err: error }, "the database refuses what came of an attempt");
    await sender.record(delivery, sender.failed(UNRECORDED));
  }
}

async function attempted<Claimed extends { id: string }, Outcome>(
  sender: Sender<Claimed, Outcome>,
  delivery: Claimed,
  now: Date,
): Promise<Outcome> {
  try {
    return await sender.attempt(delivery, now);
  } catch (error) {
    sender.log.error({ id: delivery.id, err: error }, "an attempt to send ended in a fault");
    return sender.failed("it could not be sent because of a fault here; the log says more");
  }
}
