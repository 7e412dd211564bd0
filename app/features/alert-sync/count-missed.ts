import type { AlertSnapshot } from "@domain/snapshots";

import type { RecordedAlert } from "./record-alerts";

/** A change this young may still be on its way: the webhook has two minutes before it counts as silent. */
const TELLING_TAKES_MS = 2 * 60_000;

/**
 * How many of the alerts were opened or closed in the account without a word of the webhook. What changed before it was
 * first heard it could not tell. An end that is dated as of now has no time of its own: the alert is not there any more,
 * since nobody knows when, and it was told of as active well before.
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
