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
import {
  clientSorts,
  clientSummaryKeys,
  listClientSummaries,
  type ClientOrder,
} from "@db/queries/clients/client-summaries";
import { countPatchDevices, listPatchDevices } from "@db/queries/patches/patch-devices";
import { addressOf, placeAt, type KeyValues, type Slice } from "@db/queries/shared/keyset";
import { mergesUndoableSince, mergeUndoableUntil } from "@domain/client-merge";
import { clientValues } from "@domain/form-values";
import { shownVersion } from "@domain/shown-version";
import { oneOf } from "~/platform/http/paging";

import { partVersion } from "./client-parts.server";

const PAGE_SIZE = 50;

/**
 * The order of the clients in an address, and the client after which to continue. A place in another order counts as
 * the start.
 */
export function clientSearch(params: URLSearchParams) {
  const order: ClientOrder = {
    sort: oneOf(params, "sort", clientSorts),
    isReversed: params.get("order") === "reverse",
  };
  const scope = `clients:${order.sort}${order.isReversed ? ":reverse" : ""}`;
  return { order, scope, after: placeAt(params.get("after"), scope, clientSummaryKeys(order)) };
}

/** A page of clients. Two statements, and one more after the last client. */
export async function readClients(
  db: Db,
  tenantId: string,
  filter: ClientListFilter,
  { order, scope, after }: ReturnType<typeof clientSearch>,
  now: Date,
) {
  return withTenant(db, tenantId, async (tx) => {
    const read = (slice: Slice) => listClientSummaries(tx, tenantId, filter, order, slice, now);
    // Reads one client more than a page shows, to know whether there is a next page.
    const found = await read({ after, limit: PAGE_SIZE + 1 });
    const rows = found.slice(0, PAGE_SIZE);
    const last = rows.at(-1);
    // A page after the last client has no row with the total, so the first client is read for it.
    const first =
      found[0] ?? (after === undefined ? undefined : (await read({ after: undefined, limit: 1 }))[0]);
    return {
      rows: rows.map(({ keys: _, total: __, ...row }) => row),
      total: first?.total ?? 0,
      next: found.length > rows.length && last !== undefined ? addressOf(scope, last.keys) : null,
      archived: await countArchived(tx, tenantId),
    };
  });
}

/**
 * A client with the origin of its devices and the merges that can be undone; null if the tenant has no such client. Six
 * statements, and one for the clients that it can be merged into.
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

/** The numbers of a client, and what needs attention. Four statements. */
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
    const [summary] = await listClientSummaries(
      tx,
      tenantId,
      filter,
      byName,
      { after: undefined, limit: 1 },
      now,
    );
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
      waitingDevices: await countPatchDevices(tx, tenantId, ofClient, now),
    };
  });
}

/** All clients in an order, for a download: each call returns the batch after the previous one. */
export function clientBatches(db: Db, tenantId: string, order: ClientOrder, limit: number, now: Date) {
  const filter = { text: undefined, archived: false };
  let after: KeyValues | undefined;
  return async () => {
    const rows = await withTenant(db, tenantId, (tx) =>
      listClientSummaries(tx, tenantId, filter, order, { after, limit }, now),
    );
    after = rows.at(-1)?.keys ?? after;
    return rows;
  };
}

export type ClientRow = Awaited<ReturnType<typeof readClients>>["rows"][number];
