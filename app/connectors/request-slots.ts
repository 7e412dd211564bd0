import { onAnswer, onRateLimit, startInFlight, type InFlight } from "@domain/in-flight";

/** A place among the requests in flight, held from before a call's first attempt until after its last. */
export interface RequestSlot {
  /** Call before each attempt. */
  sent(): void;
  /** The provider answered with data. */
  answered(): void;
  /** The provider answered 429. */
  rateLimited(): void;
  /** Call once, however the call ended. */
  leave(): void;
}

/**
 * Limits the requests of one connection that are in flight in this process. A call that waits out a 429 keeps its slot,
 * so that nobody else can call meanwhile under the halved limit.
 */
export class RequestSlots {
  private state: InFlight;
  private used = 0;
  private waiting: (() => void)[] = [];

  constructor(max: number) {
    this.state = startInFlight(max);
  }

  /** The most requests that may be in flight now. */
  get limit(): number {
    return this.state.limit;
  }

  get inFlight(): number {
    return this.used;
  }

  /**
   * Waits for a free slot; first come, first served.
   * @throws the signal's reason if it aborts meanwhile
   */
  async enter(signal?: AbortSignal): Promise<RequestSlot> {
    signal?.throwIfAborted();
    if (this.used >= this.state.limit || this.waiting.length > 0) await this.turn(signal);
    else this.used += 1;
    let sentIn = this.state.epoch;
    return {
      sent: () => {
        sentIn = this.state.epoch;
      },
      answered: () => {
        this.state = onAnswer(this.state);
        this.admit();
      },
      rateLimited: () => {
        this.state = onRateLimit(this.state, sentIn);
      },
      leave: () => {
        this.used -= 1;
        this.admit();
      },
    };
  }

  private turn(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const enter = () => {
        signal?.removeEventListener("abort", giveUp);
        resolve();
      };
      const giveUp = () => {
        this.waiting = this.waiting.filter((other) => other !== enter);
        reject(signal!.reason as Error);
      };
      signal?.addEventListener("abort", giveUp, { once: true });
      this.waiting.push(enter);
    });
  }

  private admit(): void {
    while (this.used < this.state.limit && this.waiting.length > 0) {
      this.used += 1;
      this.waiting.shift()!();
    }
  }
}

/** Returns the slots of a connection, which it creates at the first call. */
export function createRequestSlots(max: number): (connectionId: string) => RequestSlots {
  const slots = new Map<string, RequestSlots>();
  return (connectionId) => {
    let found = slots.get(connectionId);
    if (found === undefined) slots.set(connectionId, (found = new RequestSlots(max)));
    return found;
  };
}
