import type { TenantDb } from "@db/client";
import type { ResolvedAsset } from "@db/queries/assets/differences";
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import type { Actor } from "@domain/actor";
import type { AuditAction } from "@domain/audit-actions";
import { recordMoves } from "~/platform/audit-moves";

/** Whose value stays: `theirs`, the RMM's, which syncs then update again, or `ours`, the person's. */
export type DifferenceChoice = "theirs" | "ours";

const actions: Record<DifferenceChoice, AuditAction> = {
  theirs: "asset.hold_released",
  ours: "asset.difference_kept",
};

/** Audits resolved differences, and the moves of assets among them. */
export async function recordResolved(
  tx: TenantDb,
  tenantId: string,
  assets: readonly ResolvedAsset[],
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
