/** How often the custom fields of a connection's devices are read. */
export const customFieldIntervals = ["off", "daily", "weekly"] as const;
export type CustomFieldInterval = (typeof customFieldIntervals)[number];

/** Minutes from one reading to the next; null where nothing is read. */
export const minutesOf: Record<CustomFieldInterval, number | null> = {
  off: null,
  daily: 24 * 60,
  weekly: 7 * 24 * 60,
};

/**
 * The most devices of a connection whose values are read in a minute: each is a call, and a sync must not wait for
 * them. A day has room for 86,400.
 */
export const READ_A_MINUTE = 60;

/** How many calls a day the reading of so many devices takes: one for each, and one for the list of fields. */
export function callsADay(devices: number, interval: CustomFieldInterval): number {
  const minutes = minutesOf[interval];
  return minutes === null ? 0 : Math.round(((devices + 1) * minutesOf.daily!) / minutes);
}

/** How the history names a custom field, before the field's own name. */
const HISTORY_PREFIX = "customField:";

/** The name of a custom field in the history of assets. */
export const historyField = (name: string): string => `${HISTORY_PREFIX}${name}`;

/** The name of the custom field that a history speaks of; null if it speaks of another kind of field. */
export const customFieldIn = (field: string): string | null =>
  field.startsWith(HISTORY_PREFIX) ? field.slice(HISTORY_PREFIX.length) : null;
