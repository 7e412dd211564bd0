import { MINUTE_MS } from "./durations";

/**
 * How alerts form incidents. Whatever the order in which alerts became known, the same alerts form the same incidents:
 * the rules look at when alerts began and ended, never at when they arrived.
 */

/** Milliseconds for which all alerts of an incident must have been resolved before it closes. */
export const QUIET_MS = 5 * MINUTE_MS;
/**
 * Milliseconds after the last end on a device within which a repeat joins the incident, and reopens it if it has
 * closed.
 */
export const REOPEN_MS = 30 * MINUTE_MS;
/**
 * Milliseconds after the incident's latest alert within which the same condition on another device of the client joins.
 */
export const SPREAD_MS = 15 * MINUTE_MS;

export const incidentStates = ["open", "acknowledged", "snoozed", "resolved"] as const;
export type IncidentState = (typeof incidentStates)[number];

/** An alert as grouping sees it; all alerts of one call have the same connection and name. */
export interface AlertSpan {
  alertId: string;
  /** Its former incident; null for a new alert. */
  incidentId: string | null;
  /** Whether that incident is about another condition: the alert had its name when it joined, and others still have. */
  isRenamed?: boolean;
  /** Devices without a client form incidents among themselves. */
  clientId: string | null;
  device: string;
  startedMs: number;
  /** Null while it is active. */
  endedMs: number | null;
}

/** An incident that began before the grouped alerts, which they may join. */
export interface OngoingIncident {
  incidentId: string;
  clientId: string | null;
  latestStartMs: number;
  /** When the last alert of each device ended; null while one is active. */
  endsByDevice: Map<string, number | null>;
}

export interface IncidentGroup {
  /** The incident that the alerts belong to; null if they begin a new one. */
  incidentId: string | null;
  clientId: string | null;
  alerts: AlertSpan[];
}

interface OpenGroup extends IncidentGroup {
  latestStartMs: number;
  endsByDevice: Map<string, number | null>;
}

/**
 * Groups alerts of one condition (connection and name) into incidents. An alert joins the incident in which its device
 * is active or ended less than `REOPEN_MS` ago; otherwise the client's incident whose latest alert began less than
 * `SPREAD_MS` ago; otherwise it begins one. A group keeps the incident that its alerts were in before, unless an
 * earlier group has kept it or it is another condition's.
 * @param alerts every alert of the condition that began at or after some instant
 * @param ongoing the incidents as the alerts before that instant left them
 */
export function groupAlerts(
  alerts: readonly AlertSpan[],
  ongoing: readonly OngoingIncident[],
): IncidentGroup[] {
  const groups: OpenGroup[] = ongoing.map((incident) => ({
    ...incident,
    endsByDevice: new Map(incident.endsByDevice),
    alerts: [],
  }));
  // By client, because a pass may have thousands of alerts and as many groups.
  const ofClients = new Map<OpenGroup["clientId"], OpenGroup[]>();
  const ofClient = (clientId: OpenGroup["clientId"]): OpenGroup[] => {
    const known = ofClients.get(clientId) ?? [];
    ofClients.set(clientId, known);
    return known;
  };
  for (const group of groups) ofClient(group.clientId).push(group);
  for (const alert of [...alerts].sort(byStart)) {
    const own = ofClient(alert.clientId);
    const latestFirst = [...own].reverse();
    const group =
      latestFirst.find((one) => isRepeat(alert, one)) ??
      latestFirst.find((one) => alert.startedMs - one.latestStartMs <= SPREAD_MS);
    if (group !== undefined) join(group, alert);
    else {
      const begun = beginWith(alert);
      groups.push(begun);
      own.push(begun);
    }
  }
  return keepIncidents(groups.filter((group) => group.alerts.length > 0));
}

const byStart = (one: AlertSpan, other: AlertSpan): number =>
  one.startedMs - other.startedMs || (one.alertId < other.alertId ? -1 : 1);

function isRepeat({ device, startedMs }: AlertSpan, { endsByDevice }: OpenGroup): boolean {
  const endedMs = endsByDevice.get(device);
  return endedMs === null || (endedMs !== undefined && startedMs - endedMs <= REOPEN_MS);
}

const beginWith = (alert: AlertSpan): OpenGroup => ({
  incidentId: null,
  clientId: alert.clientId,
  alerts: [alert],
  latestStartMs: alert.startedMs,
  endsByDevice: new Map([[alert.device, alert.endedMs]]),
});

function join(group: OpenGroup, alert: AlertSpan): void {
  const { device, startedMs, endedMs } = alert;
  const before = group.endsByDevice.get(device);
  const isActive = endedMs === null || before === null;
  group.endsByDevice.set(device, isActive ? null : Math.max(endedMs, before ?? endedMs));
  group.latestStartMs = Math.max(group.latestStartMs, startedMs);
  group.alerts.push(alert);
}

/** Lets each group keep an incident, so that what people did to it stays with its alerts. */
function keepIncidents(groups: readonly OpenGroup[]): IncidentGroup[] {
  const kept = new Set(groups.flatMap(({ incidentId }) => incidentId ?? []));
  return groups.map(({ incidentId, clientId, alerts }) => {
    const mayKeep = (one: AlertSpan) =>
      one.incidentId !== null && one.isRenamed !== true && !kept.has(one.incidentId);
    const former = incidentId ?? alerts.find(mayKeep);
    const keeps = typeof former === "object" ? former.incidentId : (former ?? null);
    if (keeps !== null) kept.add(keeps);
    return { incidentId: keeps, clientId, alerts };
  });
}
