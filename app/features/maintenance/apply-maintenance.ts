import type { TenantDb } from "@db/client";
import { listSubjects } from "@db/queries/incidents/device-alerts";
import {
  listMaintenanceOf,
  writeMaintenance,
  type FormerMaintenance,
  type MaintenanceWrite,
} from "@db/queries/incidents/maintenance";
import { insertIncidentEntries } from "@db/queries/incidents/refresh";
import { getTimeZone, listActiveWindows } from "@db/queries/maintenance/windows";
import { groupBy } from "@domain/group-by";
import { coverOf, occurrencesBetween, type RunningWindow } from "@domain/maintenance-windows";

/**
 * Milliseconds by which an alert may be reported late, by poll or webhook, and still be covered by a window that has
 * ended.
 */
const LATE_MS = 60 * 60_000;

/** The incidents that send notices again, by the window that suppressed them; null is the RMM's own maintenance. */
export type Ended = Map<string | null, string[]>;

/**
 * Applies maintenance to incidents. An incident without an active alert stays as it is, because it is over.
 * @param created the incidents that this pass formed
 * @returns the open incidents whose maintenance has ended
 */
export async function applyMaintenance(
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
  created: ReadonlySet<string>,
  now: Date,
): Promise<Ended> {
  const former = await listMaintenanceOf(tx, tenantId, ids);
  const toJudge = former.filter(({ incidentId, activeCount }) => activeCount > 0 || created.has(incidentId));
  const windows = await readRunningWindows(tx, tenantId, now);
  const subjects = await listSubjects(
    tx,
    tenantId,
    toJudge.map(({ incidentId }) => incidentId),
  );
  const writes = subjects.map((subject): MaintenanceWrite => ({
    incidentId: subject.incidentId,
    cover: coverOf(windows, subject, subject.devices, now.getTime()),
  }));
  await writeMaintenance(tx, tenantId, writes);
  await noteBegun(tx, tenantId, { former, writes, windows }, now);
  return endedOf(former, writes);
}

type NamedWindow = RunningWindow & { name: string };

/** Adds to the timelines of incidents that maintenance now begins to cover. */
async function noteBegun(
  tx: TenantDb,
  tenantId: string,
  {
    former,
    writes,
    windows,
  }: { former: FormerMaintenance[]; writes: MaintenanceWrite[]; windows: NamedWindow[] },
  now: Date,
): Promise<void> {
  const before = new Set(former.flatMap((one) => (one.wasSuppressed ? one.incidentId : [])));
  const names = new Map(windows.map(({ windowId, name }) => [windowId, name]));
  const entries = writes.flatMap(({ incidentId, cover }) =>
    cover?.suppressesNotices !== true || before.has(incidentId)
      ? []
      : {
          incidentId,
          kind: "maintenance_began",
          details: { window: names.get(cover.windowId ?? "") ?? null },
        },
  );
  await insertIncidentEntries(tx, tenantId, entries, now);
}

/** The windows that are open now, or ended less than `LATE_MS` ago. */
async function readRunningWindows(tx: TenantDb, tenantId: string, now: Date): Promise<NamedWindow[]> {
  const rows = await listActiveWindows(tx, tenantId);
  if (rows.length === 0) return [];
  const timeZone = await getTimeZone(tx, tenantId);
  const stretch = { fromMs: now.getTime() - LATE_MS, toMs: now.getTime() };
  return rows
    .map(({ id, ...row }) => ({
      ...row,
      windowId: id,
      occurrences: occurrencesBetween(row, timeZone, stretch),
    }))
    .filter(({ occurrences }) => occurrences.length > 0);
}

function endedOf(former: readonly FormerMaintenance[], writes: readonly MaintenanceWrite[]): Ended {
  const coverById = new Map(writes.map(({ incidentId, cover }) => [incidentId, cover]));
  const ended = former.filter(({ incidentId, wasSuppressed, activeCount }) => {
    const cover = coverById.get(incidentId);
    return wasSuppressed && activeCount > 0 && cover !== undefined && cover?.suppressesNotices !== true;
  });
  return new Map(
    [...groupBy(ended, ({ windowId }) => windowId)].map(([windowId, list]) => [
      windowId,
      list.map(({ incidentId }) => incidentId),
    ]),
  );
}
