import { withTenant, type Db } from "@db/client";
import {
  countUnassignedDevices,
  listUnassignedById,
  listUnassignedDevices,
  unassignedKeys,
  type UnassignedFilter,
} from "@db/queries/connections/unassigned-devices";
import { addressOf, placeAt } from "@db/queries/shared/keyset";
import { skipReasons } from "@domain/device-plan";
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
  const scope = `unassigned:${connectionId}`;
  const after = placeAt(params.get("after"), scope, unassignedKeys);
  return withTenant(db, tenantId, async (tx) => {
    const total = await countUnassignedDevices(tx, tenantId, connectionId, filter);
    const slice = { after, limit: PAGE_SIZE + 1 };
    const found = await listUnassignedDevices(tx, tenantId, connectionId, filter, slice);
    const rows = found.slice(0, PAGE_SIZE);
    return {
      rows: rows.map(({ keys: _, ...row }) => row),
      total,
      next: found.length > rows.length ? addressOf(scope, rows.at(-1)!.keys) : null,
    };
  });
}
