import { WARN_AFTER_FAILURES, type ScheduledKind } from "./schedule-limits";

/** The health of a connection in e-mails. One state at a time: the worst that applies. */
export const connectionHealths = ["ok", "failing", "paused", "needs_attention", "held"] as const;
export type ConnectionHealth = (typeof connectionHealths)[number];

/** What e-mails report: a change of state, or that a second schedule was paused; never a state that lasts. */
export const notificationKinds = ["failing", "recovered", "paused", "needs_attention", "held"] as const;
export type NotificationKind = (typeof notificationKinds)[number];

/** The facts about one schedule of a connection. */
export interface ScheduleFacts {
  isPaused: boolean;
  /** Runs failed in a row since the last good one, or since a person resumed it or gave the connection another key. */
  failuresInARow: number;
  /** Whether its last runs were all lost: nobody executed them, or not completely. */
  isLost: boolean;
  /** Whether the last run that was not cancelled completed. */
  lastCompleted: boolean;
}

/** The facts about a connection. */
export interface ConnectionFacts {
  status: "active" | "needs_attention" | "disconnected";
  full: ScheduleFacts;
  alerts: ScheduleFacts;
  /** Changes that wait for a person. */
  heldChanges: number;
}

export interface HealthChange {
  health: ConnectionHealth;
  /** In the order in which they are sent; empty if there is nothing to send. */
  tell: NotificationKind[];
}

/**
 * Derives the new state, and the notifications to send, from the last reported state and the facts.
 * - Level accepting a key again is reported. The end of a pause by a person is not: only a completed run proves that the
 *   account can be read; until then the connection counts as failing, which is not reported twice.
 * - Changes that are no longer held were decided by a person or withdrawn by a later sweep, so no e-mail says so.
 * @param pausedNow a schedule was paused just now, which is reported even while the other one is paused
 */
export function changeOfHealth(
  previous: ConnectionHealth,
  facts: ConnectionFacts,
  pausedNow = false,
): HealthChange {
  if (facts.status === "disconnected") return { health: "ok", tell: [] };
  const health = healthOf(previous, facts);
  const isNews = health !== previous || (health === "paused" && pausedNow);
  return { health, tell: isNews ? tellOf(previous, health) : [] };
}

function healthOf(previous: ConnectionHealth, facts: ConnectionFacts): ConnectionHealth {
  if (facts.status === "needs_attention") return "needs_attention";
  if (facts.full.isPaused || facts.alerts.isPaused) return "paused";
  if (isFailing("full", facts.full) || isFailing("alerts", facts.alerts)) return "failing";
  const isUnproven = previous === "failing" || previous === "paused";
  if (isUnproven && !(facts.full.lastCompleted && facts.alerts.lastCompleted)) return "failing";
  return facts.heldChanges > 0 ? "held" : "ok";
}

/**
 * One failed full sync is news. A failed comparison of alerts is not, because the next one follows minutes later: only
 * the third failure in a row is news.
 */
const isFailing = (kind: ScheduledKind, { failuresInARow, isLost }: ScheduleFacts): boolean =>
  isLost || failuresInARow >= (kind === "full" ? 1 : WARN_AFTER_FAILURES);

/** The schedule that explains a connection's state: the full sync if both do. */
export function troubledSchedule(
  health: ConnectionHealth,
  { full, alerts }: Pick<ConnectionFacts, ScheduledKind>,
): ScheduledKind {
  const isTroubled = (kind: ScheduledKind, facts: ScheduleFacts) =>
    health === "paused" ? facts.isPaused : isFailing(kind, facts);
  return !isTroubled("full", full) && isTroubled("alerts", alerts) ? "alerts" : "full";
}

const wasDown = (health: ConnectionHealth) =>
  health === "failing" || health === "paused" || health === "needs_attention";

function tellOf(previous: ConnectionHealth, health: ConnectionHealth): NotificationKind[] {
  switch (health) {
    case "ok":
      return wasDown(previous) ? ["recovered"] : [];
    case "held":
      return wasDown(previous) ? ["recovered", "held"] : ["held"];
    case "failing":
      // Better than before, and not yet healthy.
      return wasDown(previous) ? [] : ["failing"];
    case "paused":
    case "needs_attention":
      return [health];
  }
}
