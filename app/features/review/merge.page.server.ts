import { withTenant, type Db, type TenantDb } from "@db/client";
import { getAsset, listAssetsLikeName } from "@db/queries/assets/assets";
import { listMergeSides } from "@db/queries/assets/merge-assets";
import { findMerge, findMergedInto, listOpenPairs } from "@db/queries/device-sync/asset-pairs";
import { listCandidateAssets, type CandidateAsset } from "@db/queries/review/waiting";
import { fieldsOf } from "@domain/asset-fields";
import { DAY_MS } from "@domain/durations";
import { mergeFields, rolesOf, undoableSince, UNDO_DAYS } from "@domain/merge-assets";

const PAIRS_SHOWN = 25;
const CHOICES_SHOWN = 20;

/** Pairs of assets that may be one machine, with the facts that distinguish machines. Two statements. */
export async function readPairs(db: Db, tenantId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const pairs = await listOpenPairs(tx, tenantId, PAIRS_SHOWN);
    const assets = await assetsById(
      tx,
      tenantId,
      pairs.flatMap(({ formerAssetId, currentAssetId }) => [formerAssetId, currentAssetId]),
    );
    return pairs.flatMap(({ id, formerAssetId, currentAssetId, sinceMs }) => {
      const [former, current] = [assets.get(formerAssetId), assets.get(currentAssetId)];
      return former === undefined || current === undefined ? [] : [{ id, former, current, sinceMs }];
    });
  });
}

export type ShownPair = Awaited<ReturnType<typeof readPairs>>[number];

async function assetsById(tx: TenantDb, tenantId: string, ids: string[]) {
  const rows = await listCandidateAssets(tx, tenantId, ids);
  return new Map<string, CandidateAsset>(rows.map((row) => [row.assetId, row]));
}

/**
 * The asset to merge and the assets that a search finds for it; once one of them is chosen, also the values of the
 * merged asset. Null if there is no such asset.
 */
export async function readMerge(
  db: Db,
  tenantId: string,
  { assetId, withId, text }: { assetId: string; withId: string | undefined; text: string | undefined },
) {
  return withTenant(db, tenantId, async (tx) => {
    const asset = await getAsset(tx, tenantId, assetId);
    if (asset === undefined) return null;
    const choices = await listAssetsLikeName(tx, tenantId, {
      clientId: asset.clientId,
      text: text ?? null,
      except: assetId,
      limit: CHOICES_SHOWN,
    });
    const preview = withId === undefined ? null : await previewOf(tx, tenantId, assetId, withId);
    return { name: asset.name, choices, preview };
  });
}

async function previewOf(tx: TenantDb, tenantId: string, assetId: string, withId: string) {
  const [a, b] = await listMergeSides(tx, tenantId, [assetId, withId]);
  if (a === undefined || b === undefined) return null;
  const { current, former, kept } = rolesOf(a, b);
  const [rowOfCurrent, rowOfFormer] = [
    (await getAsset(tx, tenantId, current.id))!,
    (await getAsset(tx, tenantId, former.id))!,
  ];
  const shown = await assetsById(tx, tenantId, [assetId, withId]);
  return {
    withId,
    former: shown.get(former.id)!,
    current: shown.get(current.id)!,
    keptId: kept.id,
    areBothOnline: a.isOnline && b.isOnline,
    alerts: a.alerts + b.alerts,
    fields: mergeFields(
      { ...fieldsOf(rowOfCurrent), overriddenFields: rowOfCurrent.overriddenFields },
      { ...fieldsOf(rowOfFormer), overriddenFields: rowOfFormer.overriddenFields },
    ).fields,
  };
}

/** The latest merge into the asset, if it can still be undone. One statement. */
export async function readUndoableMerge(db: Db, tenantId: string, assetId: string, now: Date) {
  const merge = await withTenant(db, tenantId, (tx) => findMerge(tx, tenantId, assetId, undoableSince(now)));
  if (merge?.mergedAt == null) return null;
  return {
    name: String(merge.undo?.merged["name"] ?? ""),
    actor: merge.actor,
    mergedAt: merge.mergedAt,
    until: new Date(merge.mergedAt.getTime() + UNDO_DAYS * DAY_MS),
  };
}

/** The asset that another one was merged into, to redirect the address of the merged one. */
export const readMergedInto = (db: Db, tenantId: string, assetId: string) =>
  withTenant(db, tenantId, (tx) => findMergedInto(tx, tenantId, assetId));
