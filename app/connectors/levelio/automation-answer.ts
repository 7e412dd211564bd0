import type { AutomationAnswer } from "@domain/rule-automations";
import { isRmmError, type RmmError } from "~/connectors/rmm-error";

/**
 * The outcome of a call that starts an automation. Says `later`, so that the call is repeated, only if Level certainly
 * did not carry it out: the call never reached Level, or Level answered with a rate limit.
 * @param sentKey whether the call sent the connection's API key
 * @throws any error other than an `RmmError`
 */
export async function answerOf(sentKey: boolean, call: () => Promise<unknown>): Promise<AutomationAnswer> {
  try {
    await call();
    return { state: "started" };
  } catch (error) {
    if (!isRmmError(error)) throw error;
    return failureOf(error, sentKey);
  }
}

function failureOf(error: RmmError, sentKey: boolean): AutomationAnswer {
  const { code, isUnsent, retryAfterMs, userMessage } = error;
  switch (code) {
    case "rate_limited":
      return { state: "later", reason: userMessage, afterMs: retryAfterMs };
    case "unreachable":
      return isUnsent
        ? { state: "later", reason: userMessage, afterMs: undefined }
        : { state: "unknown", reason: userMessage };
    case "invalid_api_key":
    case "forbidden":
      return { state: "refused", reason: sentKey ? KEY_REFUSED : KEY_WANTED };
    case "not_found":
      return {
        state: "refused",
        reason: "Level does not know the trigger: it was deleted, or has a new address.",
      };
    case "sealed_key":
    case "rejected":
      return { state: "refused", reason: userMessage };
    case "bad_response":
    case "cursor_lost":
    case "endless_list":
      return { state: "unknown", reason: userMessage };
  }
}

const KEY_WANTED = "Level asks for an API key with this trigger: let the rule send the connection's key.";
const KEY_REFUSED =
  "Level does not accept the connection's API key for this trigger: give the key Read & write access.";
