import { DAY_MS } from "./durations";

/** How long a device may be gone before its asset is retired, in days. */
export const graceLimits = { min: 0, max: 365, default: 7 } as const;

/** Whether the number is a whole number of days within the limits. */
export const isAllowedGrace = (days: number): boolean =>
  Number.isInteger(days) && days >= graceLimits.min && days <= graceLimits.max;

/**
 * When a gone asset is retired.
 * @param graceDays of each connection that knows the asset: the longest decides
 */
export const retirementOf = (goneAt: Date, graceDays: readonly number[]): Date =>
  new Date(goneAt.getTime() + (graceDays.length > 0 ? Math.max(...graceDays) : graceLimits.default) * DAY_MS);
