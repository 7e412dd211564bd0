import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import { listStarts, putIntoStorms, refreshStorms, type NewStorm } from "@db/queries/incidents/storms";
import { findStorms, STORM_LOOKBACK_MS } from "@domain/incident-storms";
import { emit } from "~/platform/outbox/emit";

import type { Refreshed } from "./refresh-incidents";

/** Puts incidents into a storm if their rate exceeds the limit, and updates the storms. */
export async function gatherStorms(
  tx: TenantDb,
  tenantId: string,
  { ids, movedSince, leftStorms }: Pick<Refreshed, "ids" | "movedSince" | "leftStorms">,
  now: Date,
): Promise<void> {
  const stormIds = new Set(leftStorms);
  for (const [connectionId, sinceMs] of movedSince) {
    for (const stormId of await gatherOf(tx, tenantId, connectionId, sinceMs)) stormIds.add(stormId);
  }
  const { opened, resolved } = await refreshStorms(tx, tenantId, ids, [...stormIds], now);
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

/** Assigns a connection's incidents to storms. Returns the storms that gained or lost incidents. */
async function gatherOf(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
  sinceMs: number,
): Promise<string[]> {
  const starts = await listStarts(tx, tenantId, connectionId, sinceMs - STORM_LOOKBACK_MS);
  const formerly = new Map(starts.map(({ incidentId, stormId }) => [incidentId, stormId]));
  const wanted = new Map<string, string>();
  const created: NewStorm[] = [];
  for (const { stormId, kind, clientId, incidents } of findStorms(starts, sinceMs)) {
    const id = stormId ?? uuidv7();
    if (stormId === null) created.push({ id, kind, clientId, openedAt: new Date(incidents[0]!.openedMs) });
    for (const { incidentId } of incidents) wanted.set(incidentId, id);
  }
  const moves = starts
    .filter(({ openedMs }) => openedMs >= sinceMs)
    .map(({ incidentId }) => ({ id: incidentId, stormId: wanted.get(incidentId) ?? null }))
    .filter(({ id, stormId }) => formerly.get(id) !== stormId);
  await putIntoStorms(tx, tenantId, connectionId, created, moves);
  return moves.flatMap(({ id, stormId }) => [stormId, formerly.get(id) ?? null]).filter((id) => id !== null);
}
