import { withTenant, type TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { lockAsset, overwriteAsset, type AssetRow } from "@db/queries/assets/assets";
import {
  joinAssets,
  listIntegrationsOfAssets,
  listMergeSides,
  readMergeUndo,
  separateAssets,
} from "@db/queries/assets/merge-assets";
import { audit } from "@db/queries/audit/audit";
import { lockIntegrations } from "@db/queries/connections/connections";
import {
  findMerge,
  markAssetMergeUndone,
  markPairDistinct,
  recordMerge,
} from "@db/queries/device-sync/asset-pairs";
import { lockIdentities } from "@db/queries/device-sync/identity";
import { fieldsOf, stored } from "@domain/asset-fields";
import { mergeFields, rolesOf, undoableSince } from "@domain/merge-assets";
import type { Actor } from "@domain/actor";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";

export type AssetMergeOutcome =
  | { state: "merged"; keptId: string; name: string }
  | { state: "unknown_asset" }
  | { state: "same" }
  /** Both assets are online, so they are two machines. */
  | { state: "both_online" };

type MergeDeps = Pick<SyncDeps, "db" | "clock" | "nudge">;

/**
 * Merges two assets into the older one, with the devices, alerts and notes of both. Can be undone for some days.
 * @returns the remaining asset, or why they were not merged
 */
export async function mergeAssets(
  deps: MergeDeps,
  { tenantId, assetIds }: { tenantId: string; assetIds: [string, string] },
  actor: Actor,
): Promise<AssetMergeOutcome> {
  return inTransaction(deps, tenantId, async (tx) => {
    await lockIntegrations(tx, tenantId, await listIntegrationsOfAssets(tx, tenantId, assetIds));
    await lockIdentities(tx, tenantId);
    await attributeChanges(tx, actor.name);
    return mergeWithin(tx, { tenantId, assetIds }, actor, deps.clock());
  });
}

/** Merges two assets in a transaction that has locked the connections and identities; see `mergeAssets`. */
export async function mergeWithin(
  tx: TenantDb,
  { tenantId, assetIds }: { tenantId: string; assetIds: [string, string] },
  actor: Actor,
  now: Date,
): Promise<AssetMergeOutcome> {
  const rows = new Map<string, AssetRow>();
  for (const id of [...assetIds].sort()) {
    const row = await lockAsset(tx, tenantId, id);
    if (row === undefined) return { state: "unknown_asset" };
    rows.set(id, row);
  }
  if (assetIds[0] === assetIds[1]) return { state: "same" };
  const [a, b] = await listMergeSides(tx, tenantId, assetIds);
  if (a!.isOnline && b!.isOnline) return { state: "both_online" };
  const { current, former, kept, merged } = rolesOf(a!, b!);
  const [present, before] = [rows.get(current.id)!, rows.get(former.id)!];
  const joined = mergeFields(
    { ...fieldsOf(present), overriddenFields: present.overriddenFields },
    { ...fieldsOf(before), overriddenFields: before.overriddenFields },
  );
  const pair = { keptId: kept.id, mergedId: merged.id };
  const undo = await readMergeUndo(tx, tenantId, pair);
  const devices = await joinAssets(
    tx,
    tenantId,
    { ...pair, formerId: former.id, currentId: current.id },
    now,
  );
  const { status, goneAt, goneReason, retiredAt } = present;
  await overwriteAsset(
    tx,
    tenantId,
    kept.id,
    {
      ...stored(joined.fields),
      overriddenFields: joined.overriddenFields,
      dismissedValues: { ...before.dismissedValues, ...present.dismissedValues },
      serialNumber: present.serialNumber ?? before.serialNumber,
      serialKey: present.serialKey ?? before.serialKey,
      macKeys: present.macKeys.length > 0 ? present.macKeys : before.macKeys,
      hostnameKey: present.hostnameKey ?? before.hostnameKey,
      status,
      goneAt,
      goneReason,
      retiredAt,
    },
    now,
  );
  const sides = { formerAssetId: former.id, currentAssetId: current.id };
  await recordMerge(tx, tenantId, { ...sides, keptAssetId: kept.id, actor: actor.name, undo }, now);
  await audit(tx, tenantId, actor, {
    ...on(kept.id),
    action: "asset.merged",
    details: { name: joined.fields.name, merged: rows.get(merged.id)!.name, mergedAssetId: merged.id },
  });
  await announceUpdated(tx, tenantId, devices, now);
  return { state: "merged", keptId: kept.id, name: joined.fields.name };
}

export type UndoAssetMergeOutcome = { state: "undone"; assetId: string } | { state: "too_late" };

/** Undoes the latest merge of an asset, if it is recent enough. Both assets become as they were before. */
export async function undoAssetMerge(
  deps: MergeDeps,
  { tenantId, assetId }: { tenantId: string; assetId: string },
  actor: Actor,
): Promise<UndoAssetMergeOutcome> {
  return inTransaction(deps, tenantId, async (tx): Promise<UndoAssetMergeOutcome> => {
    await lockIntegrations(tx, tenantId, await listIntegrationsOfAssets(tx, tenantId, [assetId]));
    await lockIdentities(tx, tenantId);
    const row = await lockAsset(tx, tenantId, assetId);
    const now = deps.clock();
    const merge = await findMerge(tx, tenantId, assetId, undoableSince(now));
    if (row === undefined || merge?.undo == null) return { state: "too_late" };
    await attributeChanges(tx, actor.name);
    const devices = await separateAssets(tx, tenantId, assetId, merge.undo, now);
    await markAssetMergeUndone(tx, tenantId, merge.id, now);
    const other = merge.undo.merged["id"] as string;
    await audit(tx, tenantId, actor, {
      ...on(assetId),
      action: "asset.merge_undone",
      details: { name: row.name, separated: merge.undo.merged["name"], separatedAssetId: other },
    });
    await announceUpdated(tx, tenantId, devices, now);
    return { state: "undone", assetId: other };
  });
}

export type DistinctOutcome = { state: "distinct" } | { state: "nothing_to_decide" };

/**
 * Records a person's decision that two assets are different machines. They leave pending review, and no sync merges
 * them.
 */
export async function keepAssetsApart(
  deps: MergeDeps,
  { tenantId, pairId }: { tenantId: string; pairId: string },
  actor: Actor,
): Promise<DistinctOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<DistinctOutcome> => {
    const pair = await markPairDistinct(tx, tenantId, pairId, actor.name, deps.clock());
    if (pair === undefined) return { state: "nothing_to_decide" };
    await audit(tx, tenantId, actor, {
      ...on(pair.currentAssetId),
      action: "asset.kept_apart",
      details: { ...pair },
    });
    return { state: "distinct" };
  });
}

const on = (assetId: string) => ({ targetType: "asset", targetId: assetId });
