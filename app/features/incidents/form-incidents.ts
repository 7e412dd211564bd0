import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import {
  insertIncidents,
  leaveToNextPass,
  listAlertsToGroup,
  listDueConditions,
  listOngoingIncidents,
  renameIncidents,
  listTenantsToForm,
  lockIncidents,
  writeGroupings,
  type DueCondition,
  type Grouping,
  type NewIncident,
} from "@db/queries/incidents/formation";
import { listOutOfMaintenance, listTenantsOutOfMaintenance } from "@db/queries/incidents/maintenance";
import { listIncidentsOfTime } from "@db/queries/incidents/refresh";
import { listStormMembers } from "@db/queries/incidents/storms";
import { retryConflict } from "@db/retry-conflict";
import { groupAlerts, QUIET_MS, type IncidentGroup } from "@domain/incidents";
import { applyRules } from "~/features/alert-rules/apply-rules";
import { applyMaintenance } from "~/features/maintenance/apply-maintenance";
import { tellOfEnded } from "~/features/maintenance/tell-of-ended";
import { emit } from "~/platform/outbox/emit";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

import { gatherStorms } from "./gather-storms";
import { refreshIncidents, type Touched } from "./refresh-incidents";

/**
 * The most that one transaction handles: conditions to group, alerts of each, and incidents to close or wake because of
 * the time.
 */
const CONDITIONS = 20;
const ALERTS_OF_A_CONDITION = 5_000;
const INCIDENTS_OF_TIME = 500;

/** Milliseconds that one call works; the next call finds the rest. */
const BUDGET_MS = 20_000;

/**
 * Groups the alerts that have changed since they were grouped, closes incidents whose alerts have stayed resolved, and
 * wakes snoozed ones. Each pass is one transaction, and alerts stay due until it commits: if the process is killed at
 * any instant, nothing is lost and nothing is done twice.
 * @returns how many passes changed something
 */
export async function formIncidents(deps: Pick<SyncDeps, "db" | "clock" | "nudge">): Promise<number> {
  const endAt = performance.now() + BUDGET_MS;
  const quietBefore = new Date(deps.clock().getTime() - QUIET_MS);
  let passes = 0;
  const now = deps.clock();
  const tenantIds = new Set([
    ...(await listTenantsToForm(deps.db, now, quietBefore)),
    ...(await listTenantsOutOfMaintenance(deps.db, now)),
  ]);
  for (const tenantId of tenantIds) {
    while (performance.now() < endAt) {
      const isDone = await retryConflict(() =>
        inTransaction(deps, tenantId, (tx) => formSome(tx, tenantId, deps.clock())),
      );
      if (isDone) break;
      passes++;
    }
  }
  return passes;
}

/** Runs one pass. Returns whether there was nothing to do. */
async function formSome(tx: TenantDb, tenantId: string, now: Date): Promise<boolean> {
  await lockIncidents(tx, tenantId);
  const conditions = await listDueConditions(tx, tenantId, CONDITIONS);
  const touched: Touched = { created: new Set(), clients: new Map(), emptied: new Map(), others: new Set() };
  for (const condition of conditions) await groupCondition(tx, tenantId, condition, touched);
  const quietBefore = new Date(now.getTime() - QUIET_MS);
  const ofTime = await listIncidentsOfTime(tx, tenantId, { now, quietBefore, limit: INCIDENTS_OF_TIME });
  const outOfMaintenance = await listOutOfMaintenance(tx, tenantId, now, INCIDENTS_OF_TIME);
  for (const id of [...ofTime, ...outOfMaintenance]) touched.others.add(id);
  if (conditions.length === 0 && touched.others.size === 0) return true;
  const refreshed = await refreshIncidents(tx, tenantId, touched, now);
  const { ids, events } = refreshed;
  const ended = await applyMaintenance(tx, tenantId, ids, touched.created, now);
  await gatherStorms(tx, tenantId, refreshed, now);
  await tellOfEnded(tx, tenantId, ended, now);
  await applyRules(tx, tenantId, ids, now);
  // Only the summary of a storm sends notices, not its incidents.
  const inStorm = new Set(await listStormMembers(tx, tenantId, ids));
  await emit(
    tx,
    events.filter(({ data }) => !inStorm.has(data.incidentId)),
    now,
  );
  return false;
}

async function groupCondition(
  tx: TenantDb,
  tenantId: string,
  condition: DueCondition,
  touched: Touched,
): Promise<void> {
  const alerts = await listAlertsToGroup(tx, tenantId, condition, ALERTS_OF_A_CONDITION);
  const last = alerts.at(-1);
  if (alerts.length === ALERTS_OF_A_CONDITION && last !== undefined && last.startedMs > condition.sinceMs)
    await leaveToNextPass(tx, tenantId, { ...condition, sinceMs: last.startedMs });
  const groups = groupAlerts(alerts, await listOngoingIncidents(tx, tenantId, condition));
  const dueOf = new Map(alerts.map(({ alertId, groupingDue }) => [alertId, groupingDue]));
  const created: NewIncident[] = [];
  const groupings: Grouping[] = [];
  for (const group of groups) {
    const incidentId = group.incidentId ?? uuidv7();
    if (group.incidentId === null) created.push(newIncident(incidentId, condition, group));
    touched.clients.set(incidentId, group.clientId);
    for (const alert of group.alerts) {
      const groupingDue = dueOf.get(alert.alertId)!;
      const hasMoved = alert.incidentId !== incidentId;
      if (hasMoved && alert.incidentId !== null) touched.emptied.set(alert.incidentId, incidentId);
      if (hasMoved || groupingDue > 0) groupings.push({ alertId: alert.alertId, incidentId, groupingDue });
    }
  }
  for (const { id } of created) touched.created.add(id);
  await insertIncidents(tx, tenantId, created);
  const otherwiseNamed = new Set(
    alerts.filter((one) => one.hasOtherName).map(({ incidentId }) => incidentId),
  );
  const renamed = groups.flatMap(({ incidentId }) => incidentId ?? []).filter((id) => otherwiseNamed.has(id));
  await renameIncidents(tx, tenantId, renamed, condition.name);
  await writeGroupings(tx, tenantId, groupings);
}

const newIncident = (
  id: string,
  { connectionId, name }: DueCondition,
  { clientId, alerts }: IncidentGroup,
): NewIncident => ({ id, connectionId, clientId, name, openedAt: new Date(alerts[0]!.startedMs) });
