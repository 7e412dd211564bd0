/**
 * The wait that a `Retry-After` header asks for, in ms: seconds or an HTTP date (RFC 9110 §10.2.3). Null if absent or
 * unreadable. A date is compared with the answer's own `Date` if there is one, so that a wrong clock here neither
 * hammers nor stalls.
 */
export function retryAfterMs(headers: Pick<Headers, "get">, now: Date): number | null {
  const value = headers.get("retry-after")?.trim();
  if (!value) return null;
  if (/^\d+(\.\d+)?$/.test(value)) return Math.ceil(Number(value) * 1_000);
  const until = /[a-z]/i.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(until)) return null;
  const answeredAt = Date.parse(headers.get("date") ?? "");
  return Math.max(0, until - (Number.isNaN(answeredAt) ? now.getTime() : answeredAt));
}
