import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { networkOf } from "./network";

const WINDOW_S = 15 * 60;

/** Wrong passwords for one e-mail from one address, … */
const PER_PAIR = 5;
/** … from one address for any e-mail (an office behind one address shares it), … */
const PER_ADDRESS = 40;
/** … and for one e-mail from anywhere: guessing spread over many addresses stays hopeless. */
const PER_EMAIL = 50;

/** Slows the guessing of passwords. Counts in memory: a restart forgives, another process counts by itself. */
export class SignInThrottle {
  readonly #pair = new RateLimiterMemory({ points: PER_PAIR, duration: WINDOW_S, keyPrefix: "pair" });
  readonly #address = new RateLimiterMemory({
    points: PER_ADDRESS,
    duration: WINDOW_S,
    keyPrefix: "address",
  });
  readonly #email = new RateLimiterMemory({ points: PER_EMAIL, duration: WINDOW_S, keyPrefix: "email" });

  /**
   * Counts an attempt before the password is looked at, so that parallel guesses count too. What one limit refuses is
   * not counted by the next: an address that is stopped must not use up the attempts of everybody else for the e-mail.
   * Returns the seconds to wait, or null when it may go on.
   */
  async attempt(email: string, ip: string | null): Promise<number | null> {
    const address = networkOf(ip);
    return (
      (await take(this.#address, address)) ??
      (await take(this.#pair, `${address} ${email}`)) ??
      (await take(this.#email, email))
    );
  }

  /** The right password clears the pair: a person who mistyped four times starts afresh. */
  async succeeded(email: string, ip: string | null): Promise<void> {
    const address = networkOf(ip);
    await this.#pair.delete(`${address} ${email}`);
    await this.#address.reward(address);
    await this.#email.reward(email);
  }
}

/** Null when allowed, else the seconds to wait. */
async function take(limiter: RateLimiterMemory, key: string): Promise<number | null> {
  try {
    await limiter.consume(key);
    return null;
  } catch (refusal) {
    if (refusal instanceof RateLimiterRes) return Math.max(1, Math.ceil(refusal.msBeforeNext / 1000));
    throw refusal;
  }
}

const throttles = new WeakMap<object, SignInThrottle>();

/** The throttle of an app. */
export function throttleOf(app: object): SignInThrottle {
  const throttle = throttles.get(app) ?? new SignInThrottle();
  throttles.set(app, throttle);
  return throttle;
}
