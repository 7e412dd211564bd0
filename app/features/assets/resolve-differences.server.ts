import type { AuditAction } from "@domain/audit-actions";
import { withTenant, type TenantDb } from "@db/client";
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
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import type { Actor } from "@domain/actor";
import { recordMoves } from "~/platform/audit-moves";
import type { SyncDeps } from "~/platform/ports";

/** Who is right: the RMM, whose syncs then lead again, or the person. */
export type DifferenceChoice = "theirs" | "ours";

/** As many values at once as fit well into one transaction. */
const MAX_SETTLED = 5_000;

export interface ResolveDifferencesOutcome {
  /** Values, not assets. */
  settled: number;
  /** Those that were meant and are as they were: different by now, or not to be taken over. */
  left: number;
}

type Deps = Pick<SyncDeps, "db" | "clock">;

/** Settles differences between us and the RMM. Three statements and those of the log, whatever the number. */
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
    await record(tx, tenantId, assets, winner, actor);
    const settled = assets.reduce((sum, asset) => sum + asset.fields.length, 0);
    const left =
      "seen" in selection
        ? selection.seen.length - settled
        : await countDifferences(tx, tenantId, selection.filter);
    return { settled, left };
  });
}

export type FollowOutcome =
  | { state: "followed"; asset: ResolvedAsset }
  /** Nobody holds the field, the RMM says something else by now, or there is nothing to follow. */
  | { state: "unchanged" }
  | { state: "unknown_asset" };

/** Lets the RMM lead a single field of an asset again, whether it differs or not. */
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
    await record(tx, tenantId, assets, "theirs", actor);
    const [asset] = assets;
    return asset === undefined ? { state: "unchanged" } : { state: "followed", asset };
  });
}

const actions: Record<DifferenceChoice, AuditAction> = {
  theirs: "asset.hold_released",
  ours: "asset.difference_kept",
};

async function record(
  tx: TenantDb,
  tenantId: string,
  assets: ResolvedAsset[],
  winner: DifferenceChoice,
  actor: Actor,
): Promise<void> {
  const entries = assets.map((asset): AuditEntry => {
    const details =
      winner === "theirs" ? fromTo(asset.from, asset.to) : { ours: asset.from, notTaken: asset.to };
    return {
      targetType: "asset",
      targetId: asset.assetId,
      action: actions[winner],
      details: { asset: asset.name, ...details },
    };
  });
  await audit(tx, tenantId, actor, ...entries);
  if (winner === "ours") return;
  const moved = assets.filter(
    ({ fields, fromClientId, toClientId }) => fields.includes("client") && fromClientId !== toClientId,
  );
  await recordMoves(tx, tenantId, moved, actor);
}

const fromTo = (from: ResolvedAsset["from"], to: ResolvedAsset["to"]) =>
  Object.fromEntries(
    Object.entries(from).map(([field, value]) => [
      field,
      { from: value, to: to[field as keyof typeof to] ?? null },
    ]),
  );
