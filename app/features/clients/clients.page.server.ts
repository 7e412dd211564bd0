import { withTenant, type Db } from "@db/client";
import { readClientAttention } from "@db/queries/clients/client-attention";
import { countAssetsOfClient } from "@db/queries/clients/client-contents";
import { listClientParts } from "@db/queries/clients/client-parts";
import { listClientMerges } from "@db/queries/clients/client-merges";
import {
  countArchived,
  getClient,
  listClientNames,
  listMappedGroups,
  type ClientListFilter,
} from "@db/queries/clients/clients";
import { clientSorts, listClientSummaries, type ClientOrder } from "@db/queries/clients/client-summaries";
import { listPatchDevices } from "@db/queries/patches/patch-devices";
import { mergesUndoableSince, mergeUndoableUntil } from "@domain/client-merge";
import { clientValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";
import { oneOf } from "~/platform/http/paging";

import { partVersion } from "./client-parts.server";

export const CLIENTS_PAGE_SIZE = 50;

/** What an address sorts the clients by. */
export const clientOrder = (params: URLSearchParams): ClientOrder => ({
  sort: oneOf(params, "sort", clientSorts),
  isReversed: params.get("order") === "reverse",
});

/** A page of clients. Two statements. */
export async function readClients(
  db: Db,
  tenantId: string,
  filter: ClientListFilter,
  order: ClientOrder,
  page: number,
  now: Date,
) {
  return withTenant(db, tenantId, async (tx) => {
    const stretch = { limit: CLIENTS_PAGE_SIZE, offset: (page - 1) * CLIENTS_PAGE_SIZE };
    const rows = await listClientSummaries(tx, tenantId, filter, order, stretch, now);
    // Behind the last page no row says how many there are.
    const first =
      rows[0] ??
      (page > 1
        ? (await listClientSummaries(tx, tenantId, filter, order, { limit: 1, offset: 0 }, now))[0]
        : undefined);
    return { rows, total: first?.total ?? 0, archived: await countArchived(tx, tenantId) };
  });
}

/**
 * One client with where its devices come from, and the merges of it that can be undone; null when the tenant has no such
 * client. Six statements, and one for the clients that it may be merged into.
 */
export async function readClient(
  db: Db,
  tenantId: string,
  clientId: string,
  now = new Date(),
  withOthers = true,
) {
  return withTenant(db, tenantId, async (tx) => {
    const client = await getClient(tx, tenantId, clientId);
    if (client === undefined) return null;
    const groups = await listMappedGroups(tx, tenantId, clientId);
    const others = withOthers ? await listClientNames(tx, tenantId) : [];
    const merges = await listClientMerges(tx, tenantId, clientId, mergesUndoableSince(now));
    const counts = await countAssetsOfClient(tx, tenantId, clientId);
    const sites = await listClientParts(tx, tenantId, "site", clientId);
    const contacts = await listClientParts(tx, tenantId, "contact", clientId);
    return {
      sites: sites.map((site) => ({ ...site, version: partVersion("site", site) })),
      contacts: contacts.map((contact) => ({ ...contact, version: partVersion("contact", contact) })),
      client,
      version: shownVersion(clientValues(client)),
      counts,
      groups,
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

const SHOWN = 5;

/** What a client has, and what of it needs attention. Three statements. */
export async function readClientOverview(
  db: Db,
  tenantId: string,
  clientId: string,
  isArchived: boolean,
  now: Date,
) {
  return withTenant(db, tenantId, async (tx) => {
    const filter = { id: clientId, text: undefined, archived: isArchived };
    const byName = { sort: "name", isReversed: false } as const;
    const [summary] = await listClientSummaries(tx, tenantId, filter, byName, { limit: 1, offset: 0 }, now);
    const ofClient = { clientId, text: undefined, category: undefined, type: undefined, minDays: undefined };
    const longest = { sort: "oldest", isReversed: false } as const;
    const patches = await listPatchDevices(
      tx,
      tenantId,
      ofClient,
      longest,
      { after: undefined, limit: SHOWN },
      now,
    );
    return {
      summary: summary!,
      attention: await readClientAttention(tx, tenantId, clientId, SHOWN, now),
      patches,
      waitingDevices: patches[0]?.total ?? 0,
    };
  });
}

/** All clients for a download, in batches. */
export async function readClientBatch(
  db: Db,
  tenantId: string,
  order: ClientOrder,
  stretch: { offset: number; limit: number },
  now: Date,
) {
  return withTenant(db, tenantId, (tx) =>
    listClientSummaries(tx, tenantId, { text: undefined, archived: false }, order, stretch, now),
  );
}

export type ClientRow = Awaited<ReturnType<typeof readClients>>["rows"][number];
