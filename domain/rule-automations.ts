/** A rule can start an automation of the RMM through a trigger, whose token is the right to start it. */
export interface RuleAutomation {
  /** The connection whose account has the trigger; incidents of others start nothing. */
  connectionId: string;
  /** Whether the trigger requires authorization: only then the connection's key is sent. */
  sendsKey: boolean;
}

/**
 * The most devices; an incident on more starts nothing, because running an automation on a whole fleet is a person's
 * decision.
 */
export const MAX_AUTOMATION_DEVICES = 100;

/** Milliseconds after which a start is abandoned, because the incident has moved on. */
const START_WITHIN_MS = 60 * 60_000;

export const automationStartStates = ["pending", "attempted", "started", "refused", "unknown"] as const;

/** The outcome of a request to start an automation. */
export type AutomationAnswer =
  | { state: "started" }
  /** Nothing was started, and a repetition would change nothing. */
  | { state: "refused"; reason: string }
  /** Nothing was started because the request was not accepted; it may be sent again. */
  | { state: "later"; reason: string; afterMs: number | undefined }
  /** It may have been started: a repetition could start it twice. */
  | { state: "unknown"; reason: string };

const RETRY_MS = 60_000;

/** What to do about an answer: finish, or send the request once more at an instant. */
export function afterAnswer(
  answer: AutomationAnswer,
  { requestedAt, now }: { requestedAt: Date; now: Date },
): { state: "ended"; as: Exclude<AutomationAnswer, { state: "later" }> } | { state: "again"; at: Date } {
  if (answer.state !== "later") return { state: "ended", as: answer };
  const at = new Date(now.getTime() + Math.max(answer.afterMs ?? 0, RETRY_MS));
  if (at.getTime() > requestedAt.getTime() + START_WITHIN_MS)
    return { state: "ended", as: { state: "refused", reason: `for an hour: ${answer.reason}` } };
  return { state: "again", at };
}

const MAX_TOKEN = 300;
const BEFORE_TOKEN = "/automations/webhooks/";

/** The token of a trigger, from its address or as it was copied; null if it is neither. */
export function automationToken(given: string): string | null {
  const trimmed = given.trim();
  const at = trimmed.indexOf(BEFORE_TOKEN);
  const token = at < 0 ? trimmed : (trimmed.slice(at + BEFORE_TOKEN.length).split(BEHIND_TOKEN)[0] ?? "");
  return token.length <= MAX_TOKEN && TOKEN.test(token) ? token : null;
}

const BEHIND_TOKEN = /[/?#]/;
const TOKEN = /^[A-Za-z0-9_=~-][A-Za-z0-9_=.~-]*$/;
