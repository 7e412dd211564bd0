import { NIL as NIL_UUID } from "uuid";

import { attributeChanges } from "@db/queries/assets/asset-changes";
import { audit } from "@db/queries/audit/audit";
import { lockIntegrations } from "@db/queries/connections/connections";
import { lockIdentities } from "@db/queries/device-sync/identity";
import { getRun } from "@db/queries/sync-runs/runs";
import { markRunUndone, separateJoined } from "@db/queries/sync-runs/undo-links";
import { listAssetsOfRun, listDevicesOf, putBack } from "@db/queries/sync-runs/undo-run";
import type { Actor } from "@domain/actor";
import type { RunRef } from "@domain/refs";
import { recordMoves } from "~/platform/audit-moves";
import { inTransaction } from "~/platform/outbox/in-transaction";
import { announceUpdated } from "~/platform/outbox/publish-updated";
import type { SyncDeps } from "~/platform/ports";
import { isInFlight } from "~/ui/labels";

export type UndoRunOutcome =
  | { state: "undone"; fields: number; assets: number; links: number }
  | { state: "nothing_to_undo" }
  | { state: "still_running" }
  | { state: "unknown_run" };

/** Assets per transaction, so that syncs of the connection can run between two transactions. */
const PIECE = 500;

/**
 * Restores what a run changed in assets, except for what was changed since. Syncs do not repeat the change until the
 * RMM reports another value. Works in several transactions; if it is interrupted, calling it again completes it.
 */
export async function undoRun(
  deps: Pick<SyncDeps, "db" | "clock" | "nudge">,
  ref: RunRef,
  actor: Actor,
): Promise<UndoRunOutcome> {
  const { tenantId, runId } = ref;
  const run = await inTransaction(deps, tenantId, (tx) => getRun(tx, tenantId, runId));
  if (run === undefined) return { state: "unknown_run" };
  if (isInFlight(run.status)) return { state: "still_running" };
  const { connectionId } = run;
  const sums = { fields: 0, assets: 0, links: 0 };
  for (let afterId: string | undefined = NIL_UUID; afterId !== undefined;) {
    const after: string = afterId;
    afterId = await inTransaction(deps, tenantId, async (tx) => {
      await lockIntegrations(tx, tenantId, [connectionId]);
      await lockIdentities(tx, tenantId);
      const now = deps.clock();
      const assetIds = await listAssetsOfRun(tx, ref, after, PIECE);
      if (assetIds.length === 0) return undefined;
      await attributeChanges(tx, actor.name);
      sums.links += await separateJoined(tx, ref, assetIds, { actor: actor.name, now });
      const undone = await putBack(tx, { ...ref, connectionId }, assetIds, now);
      await recordMoves(
        tx,
        tenantId,
        undone.filter((asset) => asset.isMoved),
        actor,
      );
      await announceUpdated(
        tx,
        tenantId,
        await listDevicesOf(
          tx,
          tenantId,
          undone.map((asset) => asset.assetId),
        ),
        now,
      );
      sums.assets += undone.length;
      for (const { fields } of undone) sums.fields += fields;
      return assetIds.length < PIECE ? undefined : assetIds.at(-1);
    });
  }
  if (sums.assets === 0 && sums.links === 0) return { state: "nothing_to_undo" };
  await inTransaction(deps, tenantId, async (tx) => {
    await markRunUndone(tx, ref, actor.name, deps.clock());
    await audit(tx, tenantId, actor, {
      action: "run.undone",
      targetType: "run",
      targetId: runId,
      details: sums,
    });
  });
  return { state: "undone", ...sums };
}
