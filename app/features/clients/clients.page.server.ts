import { withTenant, type Db } from "@db/client";
import { countAssetsOfClient } from "@db/queries/clients/client-contents";
import { listClientMerges } from "@db/queries/clients/client-merges";
import {
  countArchived,
  getClient,
  listClientNames,
  listClients,
  listMappedGroups,
  type ClientListFilter,
} from "@db/queries/clients/clients";
import { listConnectionLabels } from "@db/queries/connections/connections";
import { mergesUndoableSince, mergeUndoableUntil } from "@domain/client-merge";
import { clientValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";

export const CLIENTS_PAGE_SIZE = 50;

/** A page of clients. Two statements. */
export async function readClients(db: Db, tenantId: string, filter: ClientListFilter, page: number) {
  return withTenant(db, tenantId, async (tx) => {
    const rows = await listClients(tx, tenantId, filter, {
      limit: CLIENTS_PAGE_SIZE,
      offset: (page - 1) * CLIENTS_PAGE_SIZE,
    });
    return { rows, total: rows[0]?.total ?? 0, archived: await countArchived(tx, tenantId) };
  });
}

/**
 * One client with where its devices come from, and the merges of it that can be undone; null when the tenant has no such
 * client. Six statements.
 */
export async function readClient(db: Db, tenantId: string, clientId: string, now = new Date()) {
  return withTenant(db, tenantId, async (tx) => {
    const client = await getClient(tx, tenantId, clientId);
    if (client === undefined) return null;
    const groups = await listMappedGroups(tx, tenantId, clientId);
    const others = await listClientNames(tx, tenantId);
    const merges = await listClientMerges(tx, tenantId, clientId, mergesUndoableSince(now));
    const integrations = await listConnectionLabels(tx, tenantId);
    const counts = await countAssetsOfClient(tx, tenantId, clientId);
    return {
      client,
      version: shownVersion(clientValues(client)),
      counts,
      groups: groups.map((group) => ({
        ...group,
        ...sourceOf(integrations, group.integrationId),
      })),
      merges: merges.map(({ id, fromClientId, assetIds, groupIds, mergedBy, mergedAt }) => ({
        id,
        isInto: fromClientId !== clientId,
        assets: assetIds.length,
        groups: groupIds.length,
        mergedBy,
        until: mergeUndoableUntil(mergedAt),
      })),
      others: others.filter((other) => other.id !== clientId),
    };
  });
}

/** All clients for a download, in batches. */
export async function readClientBatch(
  db: Db,
  tenantId: string,
  archived: boolean,
  offset: number,
  limit: number,
) {
  return withTenant(db, tenantId, (tx) =>
    listClients(tx, tenantId, { text: undefined, archived }, { limit, offset }),
  );
}

export type ClientRow = Awaited<ReturnType<typeof readClients>>["rows"][number];

function sourceOf(integrations: { id: string; label: string; provider: string }[], id: string) {
  const found = integrations.find((integration) => integration.id === id);
  return { integration: found?.label ?? "", provider: found?.provider ?? "" };
}
