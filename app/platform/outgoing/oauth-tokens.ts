import * as z from "zod";

import type { Exchange, ExchangeOutcome } from "./exchange";

interface TokenRequest {
  address: string;
  clientId: string;
  clientSecret: string;
  scope: string;
  /** Asks for a new token, because the receiver refused the stored one. */
  isFresh: boolean;
}

type Token = { state: "token"; token: string } | { state: "refused"; outcome: ExchangeOutcome };

export interface TokenStore {
  get(exchange: Exchange, key: string, request: TokenRequest): Promise<Token>;
}

/** Milliseconds before a token's end at which it is renewed. */
const MARGIN_MS = 60_000;
const DEFAULT_LIFE_S = 300;
/** Some servers send the number as text. */
const tokenAnswer = z.object({
  access_token: z.string().min(1),
  expires_in: z.coerce.number().positive().catch(DEFAULT_LIFE_S),
});
const MOST_KEPT = 1_000;

/**
 * Access tokens by OAuth2 client credentials (RFC 6749, 4.4), kept in this process until shortly before they expire.
 */
export function createTokenStore(clock: () => Date): TokenStore {
  const kept = new Map<string, { token: string; untilMs: number }>();
  return {
    async get(exchange, key, { address, clientId, clientSecret, scope, isFresh }) {
      const known = kept.get(key);
      if (!isFresh && known !== undefined && known.untilMs > clock().getTime())
        return { state: "token", token: known.token };
      const form = new URLSearchParams({
        grant_type: "client_credentials",
        client_id: clientId,
        client_secret: clientSecret,
        ...(scope === "" ? {} : { scope }),
      });
      const outcome = await exchange({
        method: "POST",
        url: address,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        body: form.toString(),
      });
      // The actual request was not sent, so nothing has happened there, whatever became of the token.
      const refused = (reason: string): Token => ({
        state: "refused",
        outcome: { state: "failed", reason: `no access token: ${reason}`, isUnsent: true },
      });
      if (outcome.state === "failed") return refused(outcome.reason);
      if (outcome.status === 429) return { state: "refused", outcome };
      if (outcome.status < 200 || outcome.status >= 300)
        return refused(`the sign-in answered ${outcome.status}`);
      const answer = tokenAnswer.safeParse(parse(outcome.body));
      if (!answer.success) return refused("the sign-in answered without one");
      const { access_token: token, expires_in: lifeS } = answer.data;
      const lifeMs = lifeS * 1_000;
      if (kept.size >= MOST_KEPT) kept.clear();
      kept.set(key, { token, untilMs: clock().getTime() + lifeMs - MARGIN_MS });
      return { state: "token", token };
    },
  };
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return null;
  }
}
