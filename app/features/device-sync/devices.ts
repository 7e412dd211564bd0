import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import {
  attachAlertsToAssets,
  releaseAssets,
  updateLiveness,
  upsertDevices,
  upsertSkippedDevices,
  type DeviceWrite,
} from "@db/queries/device-sync/devices";
import { deleteReviews, renewReviews, upsertReviews } from "@db/queries/device-sync/identity";
import { upsertPendingMatches } from "@db/queries/device-sync/pending-matches";
import { upsertPendingChanges } from "@db/queries/review/held";
import { withdrawUnborneOut } from "@db/queries/review/held-withdrawals";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { systemActor } from "@domain/actor";
import type { OutgoingEvent } from "@domain/events";
import { groupBy } from "@domain/group-by";
import { decideOnPage, type MatchDecision } from "@domain/match-decision";
import type { DeviceSnapshot } from "@domain/snapshots";
import type {
  LockedScope,
  OpenResource,
  PageScope,
  Resource,
  WriteCounts,
} from "~/features/sync-engine/resource";
import { recordMoves } from "~/platform/audit-moves";
import { emit } from "~/platform/outbox/emit";

import { holdForApproval } from "./approval";
import { countKeyHolders, findMatches, toMatch } from "./device-matches";
import { isNew, isSweep, planDevices, type ObservedDevice, type PlannedDevice } from "./device-plans";
import { sortWrites, type DeviceWrites } from "./device-writes";
import { readGroupDecisions, type PageDecisions } from "./page-decisions";
import { keepsAPlan, recordPlan } from "./planned-changes";

/** The account's devices: assets with details, in the clients that their groups are mapped to. */
export const devicesResource: Resource<DeviceSnapshot> = {
  name: "devices",
  tables: ["assets", "asset_details", "tenant_external_entity_mappings"],
  isOptional: false,
  async open(_deps, _tx, run): Promise<OpenResource<DeviceSnapshot>> {
    const groupDecisions = followGroupDecisions(run);
    return {
      list: (provider, walk) => provider.listDevices({}, walk),
      idOf: (device) => device,
      write: async (pageTx, scope, { items, observedAt }) => {
        const observed = items.map((snapshot) => ({ snapshot, observedAt }));
        const groups = await groupDecisions(pageTx, scope);
        const counts = await writeDevices(pageTx, scope, observed, groups);
        if (run.type === "device") {
          for (const { externalId } of items)
            await withdrawUnborneOut(pageTx, scope, { externalId, observedAt });
        }
        return counts;
      },
    };
  },
};

/**
 * Returns the client of each group. Reads it again if the mapping changed or clients were merged since the last page.
 */
function followGroupDecisions(run: RunRow) {
  let last: { version: number; decisions: PageDecisions } | undefined;
  return async (tx: TenantDb, { mappingVersion: version, now }: LockedScope): Promise<PageDecisions> => {
    if (last?.version === version) return last.decisions;
    const decisions = await readGroupDecisions(tx, run, now);
    last = { version, decisions };
    return decisions;
  };
}

/**
 * Writes a page of devices: one read of the stored devices, one of matching assets, then one statement per kind of
 * change. A dry run stores only its plan and the devices that wait for its end.
 * @param decided the decision on each new device, if it is known already
 */
export async function writeDevices(
  tx: TenantDb,
  scope: PageScope,
  observed: readonly ObservedDevice[],
  groups: PageDecisions,
  decided?: ReadonlyMap<string, MatchDecision>,
): Promise<WriteCounts> {
  const planned = await planDevices(tx, scope, observed, groups);
  const decisions = decided ?? (await decideNewDevices(tx, scope, planned, groups));
  const writes = sortWrites(scope, planned, decisions);
  if (keepsAPlan(scope)) await recordPlan(tx, scope, planned, decisions, groups);
  await upsertPendingMatches(tx, { tenantId: scope.tenantId, runId: scope.run.id }, writes.arrivals);
  if (scope.run.type !== "dry_run") await carryOut(tx, scope, writes);
  return {
    created: writes.created.length,
    updated: writes.updated.length + writes.joined.length,
    skipped: writes.skippedCount,
  };
}

/** Decides on the new devices of a page; two statements. */
async function decideNewDevices(
  tx: TenantDb,
  scope: PageScope,
  planned: PlannedDevice[],
  { order, approval }: PageDecisions,
): Promise<Map<string, MatchDecision>> {
  const fresh = planned.filter(isNew);
  const { tenantId } = scope;
  const keyCounts = countKeyHolders(fresh.map(({ identity }) => identity));
  const matches = await findMatches(
    tx,
    { tenantId, plannedRunId: null, keyCounts, joins: "any", order },
    fresh.map(toMatch),
  );
  const decided = fresh.map(({ snapshot, before }, i) => ({
    snapshot,
    skipReason: before?.skipReason ?? null,
    decision: decideOnPage(matches[i]!, isSweep(scope)),
  }));
  return holdForApproval(tx, scope, decided, approval);
}

async function carryOut(tx: TenantDb, scope: PageScope, writes: DeviceWrites): Promise<void> {
  const { tenantId, connectionId, now } = scope;
  const context = { tenantId, connectionId, integrationType: scope.provider, now };
  const { created, joined, updated } = writes;
  await upsertDevices(tx, context, [...created, ...joined, ...updated]);
  await upsertSkippedDevices(tx, context, writes.skipped);
  await releaseAssets(tx, context, writes.released);
  await updateLiveness(tx, context, writes.touched);
  await upsertPendingChanges(tx, { ...scope, runId: scope.run.id, isSweep: isSweep(scope) }, writes.staged);
  await upsertReviews(tx, scope, writes.reviews);
  await renewReviews(tx, scope, writes.renewed);
  await deleteReviews(tx, scope, writes.decided);
  for (const [actor, links] of groupBy(writes.links, (link) => link.actor))
    await audit(tx, tenantId, systemActor(actor), ...links.map(({ actor: _, ...entry }) => entry));
  await recordMoves(tx, tenantId, writes.moves, systemActor(scope.run.actor));
  await attachAlertsToAssets(tx, tenantId, connectionId, [...created, ...joined]);
  await emit(
    tx,
    [
      ...events("RMM_DEVICE_CREATED", scope, created),
      ...events("RMM_DEVICE_UPDATED", scope, [...joined, ...updated, ...writes.live]),
    ],
    now,
  );
}

function events(
  name: "RMM_DEVICE_CREATED" | "RMM_DEVICE_UPDATED",
  { tenantId, connectionId }: PageScope,
  devices: Pick<DeviceWrite, "assetId" | "externalId">[],
): OutgoingEvent[] {
  return devices.map(({ assetId, externalId }) => ({
    name,
    data: { tenantId, integrationId: connectionId, assetId, externalDeviceId: externalId },
  }));
}
