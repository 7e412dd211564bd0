/** How often the custom fields of a connection's devices are read. */
export const customFieldIntervals = ["off", "daily", "weekly"] as const;
export type CustomFieldInterval = (typeof customFieldIntervals)[number];

/** Minutes from one reading to the next; null if custom fields are not read. */
export const minutesOf: Record<CustomFieldInterval, number | null> = {
  off: null,
  daily: 24 * 60,
  weekly: 7 * 24 * 60,
};

/**
 * The most devices per connection whose values are read in a minute: each is a call, and a sync must not wait for them.
 * Allows 86,400 a day.
 */
export const READ_A_MINUTE = 60;

/** Calls a day for reading this many devices: one for each, and one for the list of fields. */
export function callsADay(devices: number, interval: CustomFieldInterval): number {
  const minutes = minutesOf[interval];
  return minutes === null ? 0 : Math.round(((devices + 1) * minutesOf.daily!) / minutes);
}

/** Prefix of a custom field's name in the history. */
const HISTORY_PREFIX = "customField:";

/** The name of a custom field in the history of assets. */
export const historyField = (name: string): string => `${HISTORY_PREFIX}${name}`;

/** The custom field that a history entry is about; null for another kind of field. */
export const customFieldIn = (field: string): string | null =>
  field.startsWith(HISTORY_PREFIX) ? field.slice(HISTORY_PREFIX.length) : null;
