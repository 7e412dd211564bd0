import { contentHash } from "./content-hash";

/** What changes each minute of a record that nobody touched, in the RMM's words and in ours. */
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
 * What a record that cannot be taken over is known by, as it may have no id: a hash of its content. It stays the same
 * while only what changes each minute changes, and is another one as soon as the record itself does.
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
