import { RateLimiterMemory, RateLimiterRes } from "rate-limiter-flexible";

/** The most requests of one token per minute. Counted in memory: each process counts separately. */
export const REQUESTS_A_MINUTE = 600;

const WINDOW_S = 60;

export interface Allowance {
  isAllowed: boolean;
  /** The headers about the rate limit; they give the rest of the window in seconds. */
  headers: Record<string, string>;
}

/** Limits the requests of each token. */
export class ApiRateLimiter {
  readonly #limiter: RateLimiterMemory;
  readonly #points: number;

  constructor(points = REQUESTS_A_MINUTE) {
    this.#points = points;
    this.#limiter = new RateLimiterMemory({ points, duration: WINDOW_S });
  }

  /** Counts a request of a token. */
  async consume(tokenId: string): Promise<Allowance> {
    try {
      return { isAllowed: true, headers: this.#headers(await this.#limiter.consume(tokenId)) };
    } catch (refusal) {
      if (!(refusal instanceof RateLimiterRes)) throw refusal;
      const headers = this.#headers(refusal);
      return { isAllowed: false, headers: { ...headers, "Retry-After": headers["RateLimit-Reset"]! } };
    }
  }

  #headers({ remainingPoints, msBeforeNext }: RateLimiterRes): Record<string, string> {
    return {
      "RateLimit-Limit": String(this.#points),
      "RateLimit-Remaining": String(Math.max(0, remainingPoints)),
      "RateLimit-Reset": String(Math.max(1, Math.ceil(msBeforeNext / 1000))),
      "RateLimit-Policy": `${this.#points};w=${WINDOW_S}`,
    };
  }
}

const limiters = new WeakMap<object, ApiRateLimiter>();

/** The rate limiter of an app. */
export function rateLimiterOf(app: object): ApiRateLimiter {
  const limiter = limiters.get(app) ?? new ApiRateLimiter();
  limiters.set(app, limiter);
  return limiter;
}
