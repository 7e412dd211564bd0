import type { TenantDb } from "@db/client";
import {
  insertIncidentEntries,
  mergeIncidents,
  readIncidentFacts,
  writeIncidents,
  type IncidentEntryInsert,
  type IncidentToRefresh,
  type IncidentWrite,
} from "@db/queries/incidents/refresh";
import type { OutgoingEvent } from "@domain/events";
import {
  nextIncidentState,
  severityRank,
  type IncidentChange,
  type IncidentStep,
} from "@domain/incident-state";

type IncidentEvent = Extract<OutgoingEvent, { data: { incidentId: string } }>;

/** The incidents that a pass must update. */
export interface Touched {
  created: Set<string>;
  /** The client of each incident whose alerts were grouped. */
  clients: Map<string, string | null>;
  /** The incidents that lost alerts, each with the incident that these went to. */
  emptied: Map<string, string>;
  /** The incidents to update because of the time. */
  others: Set<string>;
}

export interface Refreshed {
  /** The incidents that have alerts. */
  ids: string[];
  /** The events to publish. */
  events: IncidentEvent[];
  /**
   * By connection, the earliest start, present or former, of the incidents that are new or whose start or client
   * changed.
   */
  movedSince: Map<string, number>;
  /** The storms of incidents that have no alerts left. */
  leftStorms: string[];
}

/** Updates the counts and the state of incidents from their alerts and the time, and adds to their timelines. */
export async function refreshIncidents(
  tx: TenantDb,
  tenantId: string,
  touched: Touched,
  now: Date,
): Promise<Refreshed> {
  const ids = new Set([...touched.clients.keys(), ...touched.emptied.keys(), ...touched.others]);
  const incidents = await readIncidentFacts(tx, tenantId, [...ids]);
  const writes: IncidentWrite[] = [];
  const merges: { id: string; intoId: string | null }[] = [];
  const entries: IncidentEntryInsert[] = [];
  const events: IncidentEvent[] = [];
  const movedSince = new Map<string, number>();
  const moved = ({ connectionId, openedBefore, facts }: IncidentToRefresh) =>
    movedSince.set(
      connectionId,
      Math.min(
        +openedBefore,
        +(facts?.openedAt ?? openedBefore),
        movedSince.get(connectionId) ?? Number.POSITIVE_INFINITY,
      ),
    );
  for (const incident of incidents) {
    const { id, facts } = incident;
    if (hasMoved(incident, touched)) moved(incident);
    if (facts === null) {
      merges.push({ id, intoId: touched.emptied.get(id) ?? null });
      continue;
    }
    const isNew = touched.created.has(id);
    const step = nextIncidentState(isNew ? undefined : incident.before, facts, now);
    writes.push(writeOf(incident, facts, step, touched.clients.get(id)));
    entries.push(...step.changes.map((change) => entryOf(id, change)));
    // An incident that was over before it became known is history and sends no notices.
    if (isNew && step.state === "resolved") continue;
    events.push(...eventsOf({ tenantId, connectionId: incident.connectionId }, id, step.changes));
  }
  await writeIncidents(tx, tenantId, writes, now);
  await mergeIncidents(tx, tenantId, merges, now);
  await insertIncidentEntries(tx, tenantId, entries, now);
  const leftStorms = incidents.flatMap(({ facts, stormId }) => (facts === null ? (stormId ?? []) : []));
  return { ids: writes.map(({ id }) => id), events, movedSince, leftStorms };
}

/** Whether the incident's start or client changed, so that storms of its client and connection must be recomputed. */
function hasMoved({ id, facts, openedBefore, clientBefore }: IncidentToRefresh, touched: Touched): boolean {
  if (facts === null || touched.created.has(id) || +facts.openedAt !== +openedBefore) return true;
  const clientId = touched.clients.get(id);
  return clientId !== undefined && clientId !== clientBefore;
}

const writeOf = (
  { id }: IncidentToRefresh,
  facts: NonNullable<IncidentToRefresh["facts"]>,
  { state, snoozedUntil, resolvedAt, changes }: IncidentStep,
  clientId: string | null | undefined,
): IncidentWrite => ({
  id,
  clientId,
  state,
  severity: facts.severity,
  severityRank: severityRank(facts.severity),
  openedAt: facts.openedAt,
  lastAlertAt: facts.lastAlertAt,
  quietSince: facts.quietSince,
  resolvedAt,
  snoozedUntil,
  alertCount: facts.alerts,
  activeCount: facts.activeAlerts,
  deviceCount: facts.devices,
  device: facts.device,
  isReopened: changes.some(({ kind }) => kind === "reopened"),
});

const entryOf = (incidentId: string, { kind, ...details }: IncidentChange): IncidentEntryInsert => ({
  incidentId,
  kind,
  details,
});

function eventsOf(
  { tenantId, connectionId }: { tenantId: string; connectionId: string },
  incidentId: string,
  changes: readonly IncidentChange[],
): IncidentEvent[] {
  const kinds = changes.map(({ kind }) => kind);
  const ids = { tenantId, integrationId: connectionId, incidentId };
  const events: IncidentEvent[] = [];
  if (kinds.includes("opened")) events.push({ name: "INCIDENT_OPENED", data: ids });
  const update = kinds.find((kind) => kind !== "opened" && kind !== "resolved");
  if (update !== undefined) events.push({ name: "INCIDENT_UPDATED", data: { ...ids, change: update } });
  if (kinds.includes("resolved")) events.push({ name: "INCIDENT_RESOLVED", data: ids });
  return events;
}
