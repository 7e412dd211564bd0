import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

import { networkOf } from "./network";

const WINDOW_S = 15 * 60;

/** Wrong passwords for one e-mail from one address, … */
const PER_PAIR = 5;
/** … from one address for any e-mail (an office behind one address shares it), … */
const PER_ADDRESS = 40;
/** … for one e-mail from anywhere, so that guessing from many addresses stays hopeless, … */
const PER_EMAIL = 50;
/** … and for one key that counts apart: a known browser, a signed-in person, or an unlocked account and its network. */
const PER_WAY = 5;

/** Milliseconds that an administrator's unlocking lasts: as long as the attempts before it count. */
export const UNLOCKED_MS = WINDOW_S * 1000;

/** Slows down password guessing. Counts in memory: a restart resets it, and each process counts separately. */
export class SignInThrottle {
  readonly #pair = new RateLimiterMemory({ points: PER_PAIR, duration: WINDOW_S, keyPrefix: "pair" });
  readonly #address = new RateLimiterMemory({
    points: PER_ADDRESS,
    duration: WINDOW_S,
    keyPrefix: "address",
  });
  readonly #email = new RateLimiterMemory({ points: PER_EMAIL, duration: WINDOW_S, keyPrefix: "email" });
  readonly #way = new RateLimiterMemory({ points: PER_WAY, duration: WINDOW_S, keyPrefix: "way" });

  /**
   * Counts an attempt before the password is checked, so that parallel guesses count too. An attempt refused by one
   * limit does not count for the next: a blocked address must not use up everybody else's attempts for the e-mail.
   * Returns the seconds to wait, or null if the attempt is allowed.
   */
  async attempt(email: string, ip: string | null): Promise<number | null> {
    const address = networkOf(ip);
    return (
      (await take(this.#address, address)) ??
      (await take(this.#pair, `${address} ${email}`)) ??
      (await take(this.#email, email))
    );
  }

  /**
   * Counts an attempt apart from everybody else's: for a browser that has signed in before, or a signed-in person.
   * Returns the seconds to wait, or null if the attempt is allowed.
   */
  attemptApart(key: string): Promise<number | null> {
    return take(this.#way, key);
  }

  /**
   * Counts an attempt for an unlocked account, separately for each network, so that nobody else can use up its owner's
   * attempts. Returns the seconds to wait, or null if the attempt is allowed.
   */
  async attemptUnlocked(key: string, ip: string | null): Promise<number | null> {
    return (await take(this.#way, `${networkOf(ip)} ${key}`)) ?? (await take(this.#email, key));
  }

  /** Resets the attempts of a key after a correct password. */
  async succeededApart(key: string): Promise<void> {
    await this.#way.delete(key);
  }

  /** Seconds for which an e-mail is refused from every address; null if it is not. */
  async lockedForS(email: string): Promise<number | null> {
    const counted = await this.#email.get(email);
    if (counted === null || counted.consumedPoints < PER_EMAIL) return null;
    return Math.max(1, Math.ceil(counted.msBeforeNext / 1000));
  }

  /**
   * Resets the attempts for the e-mail from this address after a correct password: a person who mistyped four times
   * starts afresh.
   */
  async succeeded(email: string, ip: string | null): Promise<void> {
    const address = networkOf(ip);
    await this.#pair.delete(`${address} ${email}`);
    await this.#address.reward(address);
    await this.#email.reward(email);
  }
}

/** Counts an attempt. Returns the seconds to wait, or null if it is allowed. */
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
