import { alertSeverities, type AlertSeverity } from "./alert-words";
import { QUIET_MS, type IncidentState } from "./incidents";

/** 0 for the most severe; what the inbox is sorted by. */
export const severityRank = (severity: AlertSeverity): number => alertSeverities.indexOf(severity);

/** The combined state of an incident's alerts. */
export interface IncidentFacts {
  severity: AlertSeverity;
  openedAt: Date;
  lastAlertAt: Date;
  /** When the last alert ended; null while one is active. */
  quietSince: Date | null;
  alerts: number;
  activeAlerts: number;
  devices: number;
}

/** A stored incident. */
export interface IncidentStatus {
  state: IncidentState;
  severity: AlertSeverity;
  devices: number;
  snoozedUntil: Date | null;
  /** When a person resolved it here; an alert that began before does not reopen it. */
  closedByPersonAt: Date | null;
}

/** What happened to an incident, in the order of its timeline. */
export type IncidentChange =
  | { kind: "opened"; severity: AlertSeverity }
  | { kind: "severity_raised"; from: AlertSeverity; to: AlertSeverity }
  | { kind: "devices_added"; devices: number }
  | { kind: "reopened" }
  | { kind: "snooze_ended" }
  | { kind: "resolved" };

export interface IncidentStep {
  state: IncidentState;
  snoozedUntil: Date | null;
  resolvedAt: Date | null;
  changes: IncidentChange[];
}

/** When an incident closes if nothing more happens; null while an alert is active. */
const closesAt = ({ quietSince }: Pick<IncidentFacts, "quietSince">): Date | null =>
  quietSince === null ? null : new Date(quietSince.getTime() + QUIET_MS);

/**
 * The next state of an incident, from its alerts and the time.
 * @param before undefined for a new incident
 */
export function nextIncidentState(
  before: IncidentStatus | undefined,
  facts: IncidentFacts,
  now: Date,
): IncidentStep {
  const changes: IncidentChange[] = [];
  if (before === undefined) {
    changes.push({ kind: "opened", severity: facts.severity });
  } else {
    if (severityRank(facts.severity) < severityRank(before.severity))
      changes.push({ kind: "severity_raised", from: before.severity, to: facts.severity });
    if (facts.devices > before.devices)
      changes.push({ kind: "devices_added", devices: facts.devices - before.devices });
  }
  const was = before?.state ?? "open";
  const closing = closesAt(facts);
  if (closing !== null && closing <= now) {
    if (was !== "resolved") changes.push({ kind: "resolved" });
    return { state: "resolved", snoozedUntil: null, resolvedAt: facts.quietSince, changes };
  }
  if (was === "resolved") {
    const closedAt = before?.closedByPersonAt ?? null;
    if (closedAt !== null && facts.lastAlertAt <= closedAt)
      return { state: "resolved", snoozedUntil: null, resolvedAt: closedAt, changes };
    changes.push({ kind: "reopened" });
    return { state: "open", snoozedUntil: null, resolvedAt: null, changes };
  }
  const snoozedUntil = before?.snoozedUntil ?? null;
  if (was === "snoozed" && (snoozedUntil === null || snoozedUntil <= now)) {
    changes.push({ kind: "snooze_ended" });
    return { state: "open", snoozedUntil: null, resolvedAt: null, changes };
  }
  return { state: was, snoozedUntil, resolvedAt: null, changes };
}
