export interface Sender<Claimed, Outcome> {
  clock: () => Date;
  /**
   * Takes what is due, so that nobody else takes it until `until`, and counts the attempt. `inHand` is being attempted.
   */
  claim(now: Date, until: Date, limit: number, inHand: readonly Claimed[]): Promise<Claimed[]>;
  /** How long a claim lasts: longer than an attempt takes, writing included. */
  claimMs: number;
  /** Attempted at once. */
  atOnce: number;
  attempt(delivery: Claimed, now: Date): Promise<Outcome>;
  /** Writes what came of an attempt. */
  settle(delivery: Claimed, outcome: Outcome): Promise<void>;
}

/** One call takes up something new for so long at most; what is left is found by the next. */
const BUDGET_MS = 20_000;

/**
 * Sends what is due, so many at once: whoever is done makes room for the next, so that a slow receiver holds up its own
 * place alone. A crash between an attempt and its writing sends again once the claim has run out: something may go out
 * twice, and nothing is lost.
 * @returns how many attempts were made
 */
export async function deliverDue<Claimed, Outcome>(sender: Sender<Claimed, Outcome>): Promise<number> {
  const endAt = performance.now() + BUDGET_MS;
  const inHand = new Map<Claimed, Promise<void>>();
  const faults: unknown[] = [];
  let attempts = 0;
  const carryOut = async (delivery: Claimed, now: Date) => {
    try {
      await sender.settle(delivery, await sender.attempt(delivery, now));
    } catch (error) {
      faults.push(error);
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
