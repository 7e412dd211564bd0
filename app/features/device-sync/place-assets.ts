import type { TenantDb } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { decidingGroup, hasPlaces, placeAssets } from "@db/queries/device-sync/places";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { AssetPlace } from "@domain/asset-fields";
import { placeTargets } from "@domain/group-places";
import { announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

import { targetDeviceOf } from "./updates";

/**
 * Gives the devices of a run the site and contact that their group names, after the run has moved them to the group's
 * client. One statement if the tenant uses neither sites nor contacts.
 */
export async function placeByGroup(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<void> {
  if (!(await hasPlaces(tx, run))) return;
  const now = deps.clock();
  const targets = placeTargets(await listGroups(tx, run.tenantId, run.connectionId));
  const placed = await placeAssets(tx, run, targets, now, targetDeviceOf(run));
  await announceUpdated(tx, run.tenantId, placed, now);
}

/**
 * The site and contact that the mapping gives an asset; null if the mapping does not decide, because no RMM lists the
 * asset or its client is not that of its group. Two statements.
 */
export async function mappedPlace(
  tx: TenantDb,
  tenantId: string,
  asset: { id: string; clientId: string | null },
): Promise<AssetPlace | null> {
  const group = await decidingGroup(tx, tenantId, asset.id);
  if (group === undefined) return null;
  const target = placeTargets(await listGroups(tx, tenantId, group.connectionId)).find(
    ({ groupId, clientId }) => groupId === group.groupId && clientId === asset.clientId,
  );
  return target === undefined ? null : { site: target.siteId, contact: target.contactId };
}
