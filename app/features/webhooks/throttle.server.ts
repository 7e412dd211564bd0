import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { networkOf } from "~/auth/network";

/**
 * The most requests per minute and network. A fleet of 100,000 devices after a power cut stays below; behind a proxy
 * all senders share an address.
 */
const RECEIVED_PER_MINUTE = 60_000;
/** The most deliveries without a valid secret that are checked and counted, per minute, network and tenant. */
const REFUSED_PER_MINUTE = 60;

/**
 * Limits the rate of deliveries. Counts in memory, so a restart resets the counts. Counts a wrong secret only after the
 * check, so that an attacker who guesses secrets never blocks a valid sender behind the same address.
 */
export class WebhookThrottle {
  readonly #received: RateLimiterMemory;
  readonly #refused: RateLimiterMemory;

  constructor({ receivedPerMinute = RECEIVED_PER_MINUTE, refusedPerMinute = REFUSED_PER_MINUTE } = {}) {
    this.#received = new RateLimiterMemory({ points: receivedPerMinute, duration: 60 });
    this.#refused = new RateLimiterMemory({ points: refusedPerMinute, duration: 60 });
  }

  /**
   * Counts a delivery.
   * @returns seconds to wait, or null if it is within the limit
   */
  received(ip: string | null): Promise<number | null> {
    return take(this.#received, networkOf(ip));
  }

  /**
   * Counts a delivery without a valid secret.
   * @returns seconds to wait, or null if it is within the limit
   */
  refused(ip: string | null, tenant: string): Promise<number | null> {
    return take(this.#refused, refusedKey(ip, tenant));
  }

  /** Seconds to wait for deliveries without a valid secret, or null, without counting one. */
  async isRefused(ip: string | null, tenant: string): Promise<number | null> {
    const taken = await this.#refused.get(refusedKey(ip, tenant));
    return taken === null || taken.remainingPoints > 0 ? null : secondsOf(taken);
  }
}

const refusedKey = (ip: string | null, tenant: string): string => `${networkOf(ip)} ${tenant}`;
const secondsOf = ({ msBeforeNext }: RateLimiterRes): number => Math.max(1, Math.ceil(msBeforeNext / 1000));

async function take(limiter: RateLimiterMemory, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return secondsOf(refusal);
    throw refusal;
  }
}

const throttles = new WeakMap<object, WebhookThrottle>();

/** The rate limiter of an app. */
export function webhookThrottleOf(app: object): WebhookThrottle {
  const throttle = throttles.get(app) ?? new WebhookThrottle();
  throttles.set(app, throttle);
  return throttle;
}
