import type { AlertSnapshot } from "@domain/snapshots";

import type { RecordedAlert } from "./record-alerts";

/** Milliseconds after a change within which its delivery may still arrive, so that it does not count as missed yet. */
const TELLING_TAKES_MS = 2 * 60_000;

/**
 * Counts the alerts that opened or closed in the account without a webhook delivery. Ignores changes before the first
 * delivery was received (`receivedSince`). An end dated `observedAt` has no time of its own: the alert left the list at
 * an unknown time, well after it was reported as active.
 */
export function countMissedAlerts(
  recorded: readonly RecordedAlert[],
  alerts: readonly AlertSnapshot[],
  observedAt: Date,
  receivedSince: Date | null,
): number {
  if (receivedSince === null) return 0;
  return alerts.filter((alert, index) => {
    const { outcome, statusBefore } = recorded[index]!;
    if (outcome !== "changed" || alert.status === statusBefore) return false;
    const changedAt = alert.status === "resolved" ? alert.resolvedAt : alert.startedAt;
    if (changedAt === null || changedAt.getTime() === observedAt.getTime()) return true;
    return changedAt >= receivedSince && observedAt.getTime() - changedAt.getTime() >= TELLING_TAKES_MS;
  }).length;
}
