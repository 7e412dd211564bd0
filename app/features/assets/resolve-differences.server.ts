import { withTenant } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { lockAsset } from "@db/queries/assets/assets";
import {
  countDifferences,
  keepOurs,
  releaseField,
  takeTheirs,
  type DifferenceSelection,
  type SeenDifference,
  type ResolvedAsset,
} from "@db/queries/assets/differences";
import type { Actor } from "@domain/actor";
import { recordResolved, type DifferenceChoice } from "~/features/device-sync/record-resolved";
import type { SyncDeps } from "~/platform/ports";

/** The most values that one transaction resolves. */
const MAX_SETTLED = 5_000;

export interface ResolveDifferencesOutcome {
  /** The number of resolved values, not of assets. */
  resolved: number;
  /**
   * The number of requested differences that were left, because they changed meanwhile or the RMM's value cannot be
   * used.
   */
  left: number;
}

type Deps = Pick<SyncDeps, "db" | "clock">;

/**
 * Resolves differences between overridden values and the RMM's. Three statements and those of the audit log, whatever
 * the number.
 */
export async function resolveDifferences(
  deps: Deps,
  {
    tenantId,
    selection,
    winner,
  }: { tenantId: string; selection: DifferenceSelection; winner: DifferenceChoice },
  actor: Actor,
): Promise<ResolveDifferencesOutcome> {
  return withTenant(deps.db, tenantId, async (tx) => {
    await attributeChanges(tx, actor.name);
    const assets =
      winner === "theirs"
        ? await takeTheirs(tx, tenantId, selection, MAX_SETTLED, deps.clock())
        : await keepOurs(tx, tenantId, selection, MAX_SETTLED);
    await recordResolved(tx, tenantId, assets, winner, actor);
    const resolved = assets.reduce((sum, asset) => sum + asset.fields.length, 0);
    const left =
      "seen" in selection
        ? selection.seen.length - resolved
        : await countDifferences(tx, tenantId, selection.filter);
    return { resolved, left };
  });
}

export type FollowOutcome =
  | { state: "followed"; asset: ResolvedAsset }
  /** No person has overridden the field, the RMM's value has changed, or the RMM has none. */
  | { state: "unchanged" }
  | { state: "unknown_asset" };

/**
 * Removes the override of a single field, so that the asset follows the RMM again, whether the values differ or not.
 */
export async function followField(
  deps: Deps,
  tenantId: string,
  seen: SeenDifference,
  actor: Actor,
): Promise<FollowOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<FollowOutcome> => {
    if ((await lockAsset(tx, tenantId, seen.assetId)) === undefined) return { state: "unknown_asset" };
    await attributeChanges(tx, actor.name);
    const assets = await releaseField(tx, tenantId, seen, deps.clock());
    await recordResolved(tx, tenantId, assets, "theirs", actor);
    const [asset] = assets;
    return asset === undefined ? { state: "unchanged" } : { state: "followed", asset };
  });
}
