import { contentHash } from "./content-hash";

/** Fields that change every minute although nobody touched the record, by the RMM's names and by ours. */
const volatileFields = new Set([
  "online",
  "last_seen_at",
  "last_reboot_time",
  "free_space",
  "liveness",
  "freeBytes",
  "utilizationPercent",
]);

/**
 * Identifies a record that cannot be stored and may have no id: a hash of its content without the fields that change
 * every minute.
 */
export const recordFingerprint = (record: unknown): string => contentHash(withoutVolatile(record));

function withoutVolatile(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutVolatile);
  if (typeof value !== "object" || value === null || value instanceof Date) return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key]) => !volatileFields.has(key))
      .map(([key, member]) => [key, withoutVolatile(member)]),
  );
}
