import { withTenant, type TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import {
  countChosen,
  countUndoable,
  lockChosen,
  moveAssets,
  removeAssets,
  retireByHand,
  setNeedsNoAgent,
  undoChanges,
  type AssetChoice,
  type ChosenAsset,
} from "@db/queries/assets/bulk-assets";
import { audit, type AuditEntry } from "@db/queries/audit/audit";
import { getClient } from "@db/queries/clients/clients";
import type { Actor } from "@domain/actor";
import { bulkLimit, leftOut, type BulkAction, type LeftOut } from "@domain/bulk-assets";
import { startSync } from "~/features/sync-execution/start-sync.server";
import { recordMoves } from "~/platform/audit-moves";
import type { SyncDeps } from "~/platform/ports";

export interface BulkRequest {
  tenantId: string;
  choice: AssetChoice;
  action: BulkAction;
  /** The client that `move` assigns; null for no client. */
  clientId: string | null;
}

/** What a request would do, to how many assets, and how many it leaves out for each reason. */
export interface BulkPreview {
  action: BulkAction;
  clientId: string | null;
  client: string | null;
  assets: number;
  /** The names of the first assets. */
  names: string[];
  leftOut: Partial<Record<LeftOut, number>>;
}

type Refusal =
  | { state: "too_many"; chosen: number; atMost: number }
  | { state: "unknown_client" }
  | { state: "archived_client" };

const NAMES_SHOWN = 5;

/** Previews a request. Changes nothing. */
export async function previewBulk(
  deps: Pick<SyncDeps, "db">,
  request: BulkRequest,
): Promise<{ state: "preview"; preview: BulkPreview } | Refusal> {
  return withTenant(deps.db, request.tenantId, async (tx) => {
    const plan = await planOf(tx, request);
    return plan.state === "plan" ? { state: "preview", preview: plan.preview } : plan;
  });
}

/**
 * Carries out what was previewed, and audits it.
 * @param expected the number of assets in the preview; if it differs by now, nothing is done
 */
export async function runBulk(
  deps: SyncDeps,
  request: BulkRequest,
  expected: number,
  actor: Actor,
): Promise<{ state: "done"; assets: number; at: Date } | { state: "changed"; assets: number } | Refusal> {
  const { tenantId, action, clientId } = request;
  const now = deps.clock();
  const outcome = await withTenant(deps.db, tenantId, async (tx) => {
    const plan = await planOf(tx, request);
    if (plan.state !== "plan") return plan;
    const { assets } = plan;
    if (assets.length !== expected) return { state: "changed" as const, assets: assets.length };
    await attributeChanges(tx, actor.name);
    if (assets.length > 0) await write(tx, tenantId, action, assets, { clientId, now, actor });
    return { state: "done" as const, chosen: assets };
  });
  if (outcome.state !== "done") return outcome;
  if (action === "refresh")
    for (const { connectionId, externalId } of outcome.chosen)
      await startSync(deps, {
        tenantId,
        connectionId: connectionId!,
        type: "device",
        trigger: "manual",
        actor: actor.name,
        person: actor,
        externalDeviceId: externalId!,
      });
  return { state: "done", assets: outcome.chosen.length, at: now };
}

async function planOf(tx: TenantDb, { tenantId, choice, action, clientId }: BulkRequest) {
  const chosen = await countChosen(tx, tenantId, choice);
  const atMost = bulkLimit(action);
  if (chosen > atMost) return { state: "too_many" as const, chosen, atMost };
  let client: string | null = null;
  if (action === "move" && clientId !== null) {
    const row = await getClient(tx, tenantId, clientId);
    if (row === undefined) return { state: "unknown_client" as const };
    if (row.archivedAt !== null) return { state: "archived_client" as const };
    client = row.name;
  }
  const assets: ChosenAsset[] = [];
  const left: BulkPreview["leftOut"] = {};
  for (const asset of await lockChosen(tx, tenantId, choice)) {
    const reason = leftOut(action, asset, clientId);
    if (reason === undefined) assets.push(asset);
    else left[reason] = (left[reason] ?? 0) + 1;
  }
  const names = assets.slice(0, NAMES_SHOWN).map(({ name }) => name);
  const preview = { action, clientId, client, assets: assets.length, names, leftOut: left };
  return { state: "plan" as const, assets, preview };
}

async function write(
  tx: TenantDb,
  tenantId: string,
  action: BulkAction,
  assets: ChosenAsset[],
  { clientId, now, actor }: { clientId: string | null; now: Date; actor: Actor },
): Promise<void> {
  const ids = assets.map(({ id }) => id);
  const record = (name: AuditEntry["action"]) =>
    audit(
      tx,
      tenantId,
      actor,
      ...assets.map((asset) => ({
        action: name,
        targetType: "asset",
        targetId: asset.id,
        details: { name: asset.name },
      })),
    );
  switch (action) {
    case "move":
      await moveAssets(tx, tenantId, ids, clientId, now);
      return recordMoves(
        tx,
        tenantId,
        assets.map((asset) => ({
          assetId: asset.id,
          name: asset.name,
          fromClientId: asset.clientId,
          toClientId: clientId,
        })),
        actor,
      );
    case "exempt":
    case "unexempt":
      await setNeedsNoAgent(tx, tenantId, ids, action === "exempt", now);
      return record(action === "exempt" ? "asset.exempted" : "asset.unexempted");
    case "retire":
      await retireByHand(tx, tenantId, ids, now);
      return record("asset.retired_by_hand");
    case "remove":
      await removeAssets(tx, tenantId, ids);
      return record("asset.removed");
    case "refresh":
      // Each refresh is a run, which records who requested it.
      return;
  }
}

/** Milliseconds for which a bulk change can be undone. */
const UNDO_MS = 24 * 3600_000;

/**
 * The bulk change that the address offers to undo, with the number of its assets that are still as it left them. Null
 * if there are none.
 */
export async function readBulkUndo(
  deps: Pick<SyncDeps, "db" | "clock">,
  tenantId: string,
  actor: Actor,
  given: string | null,
): Promise<{ at: Date; assets: number } | null> {
  const at = undoAt(given, deps.clock());
  if (at === null) return null;
  const assets = await withTenant(deps.db, tenantId, (tx) =>
    countUndoable(tx, tenantId, { at, actor: actor.name }),
  );
  return assets > 0 ? { at, assets } : null;
}

/** Undoes a person's bulk change of an instant, except for assets that were changed since. */
export async function undoBulk(
  deps: Pick<SyncDeps, "db" | "clock">,
  tenantId: string,
  actor: Actor,
  given: string,
): Promise<{ assets: number }> {
  const now = deps.clock();
  const at = undoAt(given, now);
  if (at === null) return { assets: 0 };
  return withTenant(deps.db, tenantId, async (tx) => {
    await attributeChanges(tx, actor.name);
    const undone = await undoChanges(tx, tenantId, { at, actor: actor.name }, now);
    await audit(
      tx,
      tenantId,
      actor,
      ...undone.map(({ id, name }) => ({
        action: "asset.change_undone" as const,
        targetType: "asset",
        targetId: id,
        details: { name, madeAt: at.toISOString() },
      })),
    );
    const moves = undone.flatMap(({ id, name, isMoved, fromClientId, toClientId }) =>
      isMoved ? [{ assetId: id, name, fromClientId, toClientId }] : [],
    );
    await recordMoves(tx, tenantId, moves, actor);
    return { assets: undone.length };
  });
}

function undoAt(given: string | null, now: Date): Date | null {
  const at = new Date(given ?? "");
  const age = now.getTime() - at.getTime();
  return age >= 0 && age <= UNDO_MS ? at : null;
}
