import { onUniqueViolation } from "@db/errors";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { moveClientContents, returnClientContents } from "@db/queries/clients/client-contents";
import { getClientMerge, insertClientMerge, markClientMergeUndone } from "@db/queries/clients/client-merges";
import { isNameTaken, lockClients, updateClient } from "@db/queries/clients/clients";
import { lockAllIntegrations } from "@db/queries/connections/connections";
import { mergesUndoableSince } from "@domain/client-merge";
import type { Context } from "~/auth/guard.server";
import { actorOf } from "~/platform/actor";
import { recordMoves } from "~/platform/audit-moves";

type Acting = Pick<Context, "tenantId" | "inTenant" | "audit" | "app" | "user" | "ip">;

export type ClientMergeOutcome =
  | { state: "merged"; into: string; assets: number; groups: number }
  | { state: "unknown" | "same" | "archived" };

/**
 * Moves everything of a client to another client and archives the first. Records what was moved; see `undoClientMerge`.
 */
export async function mergeClient(
  { tenantId, inTenant, audit, app, ...person }: Acting,
  clientId: string,
  intoId: string,
): Promise<ClientMergeOutcome> {
  if (clientId === intoId) return { state: "same" };
  return inTenant(async (tx): Promise<ClientMergeOutcome> => {
    await lockAllIntegrations(tx, tenantId);
    const both = await lockClients(tx, tenantId, [clientId, intoId]);
    const [from, into] = [clientId, intoId].map((id) => both.find((client) => client.id === id));
    if (from === undefined || into === undefined) return { state: "unknown" };
    if (into.archivedAt !== null) return { state: "archived" };
    const now = app.clock();
    const actor = actorOf(person);
    await attributeChanges(tx, actor.name);
    const contents = await moveClientContents(tx, tenantId, { from: clientId, to: intoId, now });
    const moves = contents.assets.map((asset) => ({ ...asset, fromClientId: clientId, toClientId: intoId }));
    await recordMoves(tx, tenantId, moves, actor);
    await insertClientMerge(
      tx,
      {
        tenantId,
        fromClientId: clientId,
        intoClientId: intoId,
        assetIds: contents.assets.map(({ assetId }) => assetId),
        groupIds: contents.groups,
        dismissedValueIds: contents.dismissedValues,
        deviceRowIds: contents.deviceRows,
        siteIds: contents.parts.site,
        contactIds: contents.parts.contact,
        movesFromIds: contents.movesFrom,
        movesToIds: contents.movesTo,
        archivedBefore: from.archivedAt,
        mergedBy: actor.name,
        mergedAt: now,
      },
      mergesUndoableSince(now),
    );
    const moved = { assets: moves.length, groups: contents.groups.length };
    await updateClient(tx, tenantId, clientId, { archivedAt: now });
    await audit(tx, {
      action: "client.merged",
      targetType: "client",
      targetId: clientId,
      details: { from: from.name, into: into.name, intoId, ...moved },
    });
    return { state: "merged", into: into.name, ...moved };
  });
}

export type UndoClientMergeOutcome =
  { state: "undone"; clientId: string; assets: number; groups: number } | { state: "unknown" | "name_taken" };

/**
 * Undoes a merge: moves back what is still where the merge put it. Whatever was moved on since stays.
 * @param clientId the client on whose page the person asked: the merged one, or the one that it was merged into
 */
export function undoClientMerge(
  { tenantId, inTenant, audit, app, ...person }: Acting,
  clientId: string,
  mergeId: string,
): Promise<UndoClientMergeOutcome> {
  const work = () =>
    inTenant(async (tx): Promise<UndoClientMergeOutcome> => {
      await lockAllIntegrations(tx, tenantId);
      const now = app.clock();
      const merge = await getClientMerge(tx, tenantId, mergeId, mergesUndoableSince(now));
      if (merge === undefined) return { state: "unknown" };
      const { fromClientId: from, intoClientId: into } = merge;
      if (clientId !== from && clientId !== into) return { state: "unknown" };
      const both = await lockClients(tx, tenantId, [from, into]);
      // Checked again under the lock: of two people who undo a merge at once, the second finds it undone.
      if ((await getClientMerge(tx, tenantId, mergeId, mergesUndoableSince(now))) === undefined)
        return { state: "unknown" };
      const name = both.find(({ id }) => id === from)!.name;
      if (merge.archivedBefore === null && (await isNameTaken(tx, tenantId, name, from)))
        return { state: "name_taken" };
      const moved = {
        assets: merge.assetIds,
        groups: merge.groupIds,
        dismissedValues: merge.dismissedValueIds,
        deviceRows: merge.deviceRowIds,
        parts: { site: merge.siteIds ?? [], contact: merge.contactIds ?? [] },
        movesFrom: merge.movesFromIds,
        movesTo: merge.movesToIds,
      };
      const actor = actorOf(person);
      await attributeChanges(tx, actor.name);
      const back = await returnClientContents(tx, tenantId, moved, { from, into, now });
      const moves = back.assets.map((asset) => ({ ...asset, fromClientId: into, toClientId: from }));
      await recordMoves(tx, tenantId, moves, actor);
      await updateClient(tx, tenantId, from, { archivedAt: merge.archivedBefore });
      await markClientMergeUndone(tx, tenantId, mergeId, now);
      const counts = { assets: moves.length, groups: back.groups };
      await audit(tx, {
        action: "client.merge_undone",
        targetType: "client",
        targetId: from,
        details: { name, from: both.find(({ id }) => id === into)!.name, ...counts },
      });
      return { state: "undone", clientId: from, ...counts };
    });
  return onUniqueViolation<UndoClientMergeOutcome>("clients_active_name_key", work, () => ({
    state: "name_taken",
  }));
}
