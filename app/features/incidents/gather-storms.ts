import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import {
  listStormScopes,
  listStarts,
  putIntoStorms,
  refreshStorms,
  type StormScope,
} from "@db/queries/incidents/storms";
import { findStorms, STORM_WINDOW_MS } from "@domain/incident-storms";
import { emit } from "~/platform/outbox/emit";

/** Puts incidents above the rate of their client under a summary incident, and brings summaries up to date. */
export async function gatherStorms(
  tx: TenantDb,
  tenantId: string,
  changed: readonly string[],
  now: Date,
): Promise<void> {
  const stormIds = new Set<string>();
  for (const scope of await listStormScopes(tx, tenantId, changed)) {
    for (const stormId of await gatherOf(tx, tenantId, scope)) stormIds.add(stormId);
  }
  const { opened, resolved } = await refreshStorms(tx, tenantId, changed, [...stormIds], now);
  await emit(
    tx,
    [
      ...opened.map((one) => ({
        name: "INCIDENT_OPENED" as const,
        data: { tenantId, integrationId: one.connectionId, incidentId: one.id },
      })),
      ...resolved.map((one) => ({
        name: "INCIDENT_RESOLVED" as const,
        data: { tenantId, integrationId: one.connectionId, incidentId: one.id },
      })),
    ],
    now,
  );
}

/** Returns the storms that gained or lost incidents. */
async function gatherOf(tx: TenantDb, tenantId: string, scope: StormScope): Promise<string[]> {
  const { starts, ongoing } = await listStarts(tx, tenantId, scope, STORM_WINDOW_MS);
  const storms = findStorms(starts, scope.sinceMs, ongoing);
  const formerly = new Map(starts.map(({ incidentId, stormId }) => [incidentId, stormId]));
  const wanted = new Map<string, string>();
  const created: { id: string; openedAt: Date }[] = [];
  for (const storm of storms) {
    const stormId = storm.stormId ?? uuidv7();
    if (storm.stormId === null)
      created.push({ id: stormId, openedAt: new Date(storm.incidents[0]!.openedMs) });
    for (const { incidentId } of storm.incidents) wanted.set(incidentId, stormId);
  }
  const moves = starts
    .filter(({ openedMs }) => openedMs >= scope.sinceMs)
    .map(({ incidentId }) => ({ id: incidentId, stormId: wanted.get(incidentId) ?? null }))
    .filter(({ id, stormId }) => formerly.get(id) !== stormId);
  await putIntoStorms(tx, tenantId, scope, created, moves);
  return moves.flatMap(({ id, stormId }) => [stormId, formerly.get(id) ?? null]).filter((id) => id !== null);
}
