/** How many requests a connection may have in flight: the setting's limits, and how a provider's 429 changes them. */
export const IN_FLIGHT = { min: 1, max: 8, default: 4 } as const;

/** Answers without a 429 after which one more request is allowed: at 4 in flight and 50 ms, about a second. */
export const RAISE_AFTER = 80;

export interface InFlight {
  /** Requests allowed at once, from 1 to `max`. */
  limit: number;
  max: number;
  /** Answers since the limit changed. */
  answers: number;
  /** Counts the halvings. A request remembers the one that it was sent in. */
  epoch: number;
}

/**
 * The state at the start: as many requests as allowed.
 * @param max from RMM_REQUESTS_IN_FLIGHT
 */
export const startInFlight = (max: number): InFlight => ({ limit: max, max, answers: 0, epoch: 0 });

/** After an answer: the limit rises by one after each `RAISE_AFTER` of them. */
export function onAnswer(state: InFlight): InFlight {
  if (state.limit === state.max) return state;
  const answers = state.answers + 1;
  return answers < RAISE_AFTER ? { ...state, answers } : { ...state, limit: state.limit + 1, answers: 0 };
}

/**
 * After a 429: half the limit, at least 1. Requests sent before the last halving met the same limit of the provider and
 * change nothing more.
 */
export function onRateLimit(state: InFlight, sentIn: number): InFlight {
  if (sentIn < state.epoch) return { ...state, answers: 0 };
  return { ...state, limit: Math.max(1, state.limit >> 1), answers: 0, epoch: state.epoch + 1 };
}
