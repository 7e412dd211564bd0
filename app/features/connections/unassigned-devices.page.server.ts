import { withTenant, type Db } from "@db/client";
import {
  countUnassignedDevices,
  listUnassignedById,
  listUnassignedDevices,
  unassignedKeys,
  type UnassignedFilter,
} from "@db/queries/connections/unassigned-devices";
import { skipReasons } from "@domain/device-plan";
import { readKeysetPage } from "~/platform/http/keyset-page";
import { oneOf, searchText } from "~/platform/http/paging";

const PAGE_SIZE = 50;

/** The list's filters in an address. */
export function unassignedSearch(params: URLSearchParams) {
  const reason = oneOf(params, "state", ["", ...skipReasons]);
  const text = searchText(params);
  return {
    filter: { reason: reason === "" ? undefined : reason, text },
    values: { state: reason, q: text ?? "" },
  };
}

/** Devices after the given one, for a download. */
export const readUnassignedBatch = (
  db: Db,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  page: { after: string | undefined; limit: number },
) => withTenant(db, tenantId, (tx) => listUnassignedById(tx, tenantId, connectionId, filter, page));

/** The page of the devices without a client that an address asks for, each with the reason. Two statements. */
export function readUnassignedDevices(
  db: Db,
  tenantId: string,
  connectionId: string,
  filter: UnassignedFilter,
  params: URLSearchParams,
) {
  const list = { scope: `unassigned:${connectionId}`, keys: unassignedKeys, pageSize: PAGE_SIZE };
  return withTenant(db, tenantId, (tx) => {
    let found: string[] | null = null;
    return readKeysetPage(list, params, {
      count: async (place) => {
        const { foundIds, ...counts } = await countUnassignedDevices(
          tx,
          tenantId,
          connectionId,
          filter,
          place,
        );
        found = foundIds;
        return counts;
      },
      read: (slice) => listUnassignedDevices(tx, tenantId, connectionId, filter, slice, found),
    });
  });
}
