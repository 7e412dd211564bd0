/**
 * Of whatever sends something outside: a storm of events starts it every few seconds, not once an event, and one after
 * the other. A failed attempt has its own next time, so the function itself is not tried again.
 */
export const sendingOptions = {
  debounce: { period: "1s", timeout: "5s" },
  concurrency: { limit: 1 },
  retries: 0,
  timeouts: { finish: "15m" },
} as const;
