import type { TenantDb } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { hasPlaces, placeAssets } from "@db/queries/device-sync/places";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { placeTargets } from "@domain/group-places";
import { announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

import { targetDeviceOf } from "./updates";

/**
 * Gives the devices of a run the site and contact that their group names, once the run has moved them to its client.
 * One statement where nobody uses sites and contacts.
 */
export async function placeByGroup(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<void> {
  if (!(await hasPlaces(tx, run))) return;
  const now = deps.clock();
  const targets = placeTargets(await listGroups(tx, run.tenantId, run.connectionId));
  const placed = await placeAssets(tx, run, targets, now, targetDeviceOf(run));
  await announceUpdated(tx, run.tenantId, placed, now);
}
