import { withTenant, type TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import {
  acknowledgeAlertsOf,
  changeIncidents,
  type ChangedIncident,
  type IncidentAct,
} from "@db/queries/incidents/change-incidents";
import { lockIncidents } from "@db/queries/incidents/formation";
import { getIncident } from "@db/queries/incidents/incident-page";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { retryConflict } from "@db/retry-conflict";
import type { Actor } from "@domain/actor";
import type { AuditAction } from "@domain/audit-actions";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

type Deps = Pick<SyncDeps, "db" | "clock" | "nudge">;

/** The most incidents that can be selected one by one. */
export const MAX_PICKED_INCIDENTS = 500;

const auditActions: Record<IncidentAct["kind"], AuditAction> = {
  acknowledged: "incident.acknowledged",
  reopened: "incident.reopened",
  snoozed: "incident.snoozed",
  owned: "incident.owned",
  disowned: "incident.disowned",
  resolved: "incident.resolved",
};

interface ActedOn {
  tenantId: string;
  ids: readonly string[];
  /** Called under the lock; if it returns false, nothing is done. */
  isAsSeen?: (tx: TenantDb) => Promise<boolean>;
}

/**
 * Changes incidents on a person's behalf, without telling the RMM. Incidents that already have the state stay as they
 * are.
 * @returns how many it changed
 */
export async function actOnIncidents(
  deps: Deps,
  { tenantId, ids, isAsSeen }: ActedOn,
  act: IncidentAct,
  actor: Actor,
): Promise<number> {
  if (ids.length === 0) return 0;
  const at = deps.clock();
  const by = { at, userId: actor.userId };
  const changed = await retryConflict(() =>
    inTransaction(deps, tenantId, async (tx) => {
      await lockIncidents(tx, tenantId);
      if (isAsSeen !== undefined && !(await isAsSeen(tx))) return [];
      const incidents = await changeIncidents(tx, tenantId, ids, act, by);
      if (incidents.length === 0) return incidents;
      const changedIds = incidents.map(({ id }) => id);
      if (act.kind === "acknowledged") await acknowledgeAlertsOf(tx, tenantId, changedIds, by);
      if (act.kind === "reopened") await acknowledgeAlertsOf(tx, tenantId, changedIds, null);
      const entry = {
        kind: `person_${act.kind}`,
        actorUserId: actor.userId,
        actor: actor.name,
        details: act.kind === "snoozed" ? { until: act.until.toISOString() } : {},
      };
      await insertIncidentEntries(
        tx,
        tenantId,
        changedIds.map((incidentId) => ({ ...entry, incidentId })),
        at,
      );
      await emit(
        tx,
        incidents.map((one) => eventOf(tenantId, one, act)),
        at,
      );
      await audit(tx, tenantId, actor, {
        action: auditActions[act.kind],
        targetType: incidents.length === 1 ? "incident" : "incidents",
        ...(incidents.length === 1 && { targetId: changedIds[0]! }),
        details: { incidents: incidents.length, name: incidents[0]!.name, ...entry.details },
      });
      return incidents;
    }),
  );
  return changed.length;
}

const eventOf = (tenantId: string, { id, connectionId }: ChangedIncident, { kind }: IncidentAct) => {
  const ids = { tenantId, integrationId: connectionId, incidentId: id };
  return kind === "resolved"
    ? { name: "INCIDENT_RESOLVED" as const, data: ids }
    : { name: "INCIDENT_UPDATED" as const, data: { ...ids, change: kind } };
};

/**
 * Adds a person's comment to the timeline.
 * @returns whether there is such an incident
 */
export async function commentOnIncident(
  deps: Pick<Deps, "db" | "clock">,
  { tenantId, incidentId, text }: { tenantId: string; incidentId: string; text: string },
  actor: Actor,
): Promise<boolean> {
  return withTenant(deps.db, tenantId, async (tx) => {
    const incident = await getIncident(tx, tenantId, incidentId);
    if (incident === undefined) return false;
    const entry = {
      incidentId,
      kind: "person_commented",
      actorUserId: actor.userId,
      actor: actor.name,
      text,
    };
    await insertIncidentEntries(tx, tenantId, [entry], deps.clock());
    await audit(tx, tenantId, actor, {
      action: "incident.commented",
      targetType: "incident",
      targetId: incidentId,
      details: { incidents: 1, name: incident.name },
    });
    return true;
  });
}
