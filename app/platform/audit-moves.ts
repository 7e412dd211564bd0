import type { TenantDb } from "@db/client";
import { recordAudits, type AuditEntry } from "@db/queries/audit/audit";
import { namesOfClients } from "@db/queries/clients/clients";
import type { AssetMove } from "@domain/client-moves";

/** An asset that goes from one client to another, or to none; `runId` when a sync or a change it held did it. */
export interface RecordedMove extends AssetMove {
  runId?: string;
}

/**
 * Writes assets that change hands into the audit log: never in silence, whether the mapping, the device's group or a
 * person moved them. With the clients' names as of now, for they may be renamed later. In batches: an account may be
 * moved as a whole.
 */
export async function recordMoves(
  tx: TenantDb,
  tenantId: string,
  moves: readonly RecordedMove[],
  actor: { userId?: string | null; name: string; ip?: string | null },
): Promise<void> {
  const names = await namesOfClients(
    tx,
    tenantId,
    moves.flatMap(({ fromClientId, toClientId }) => [fromClientId, toClientId]),
  );
  const entryOf = ({ assetId, name, fromClientId, toClientId, runId }: RecordedMove): AuditEntry => ({
    tenantId,
    actorUserId: actor.userId ?? null,
    actor: actor.name,
    ip: actor.ip ?? null,
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
  for (let i = 0; i < moves.length; i += BATCH_SIZE)
    await recordAudits(tx, moves.slice(i, i + BATCH_SIZE).map(entryOf));
}

/** As many entries as fit well into one statement. */
const BATCH_SIZE = 5_000;

/** Null for no client. */
export const nameIn = (names: ReadonlyMap<string, string>, clientId: string | null): string | null =>
  clientId === null ? null : (names.get(clientId) ?? null);
