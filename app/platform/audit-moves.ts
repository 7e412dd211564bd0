import type { TenantDb } from "@db/client";
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import { namesOfClients } from "@db/queries/clients/clients";
import type { Actor } from "@domain/actor";
import type { AssetMove } from "@domain/client-moves";

/**
 * A move of an asset from one client to another, or to none; `runId` if a sync, or a change that a sync held, moved it.
 */
export interface RecordedMove extends AssetMove {
  runId?: string;
}

/**
 * Writes each move of an asset to another client into the audit log, whether the mapping, the device's group or a
 * person moved it. Stores the clients' current names, because clients may be renamed later.
 */
export async function recordMoves(
  tx: TenantDb,
  tenantId: string,
  moves: readonly RecordedMove[],
  actor: Actor,
): Promise<void> {
  const names = await namesOfClients(
    tx,
    tenantId,
    moves.flatMap(({ fromClientId, toClientId }) => [fromClientId, toClientId]),
  );
  const entryOf = ({ assetId, name, fromClientId, toClientId, runId }: RecordedMove): AuditEntry => ({
    action: "asset.moved",
    targetType: "asset",
    targetId: assetId,
    details: {
      name,
      from: nameIn(names, fromClientId),
      to: nameIn(names, toClientId),
      fromClientId,
      toClientId,
      ...(runId !== undefined && { runId }),
    },
  });
  await audit(tx, tenantId, actor, ...moves.map(entryOf));
}

/** The client's name among `names`; null for no client or an unknown one. */
export const nameIn = (names: ReadonlyMap<string, string>, clientId: string | null): string | null =>
  clientId === null ? null : (names.get(clientId) ?? null);
