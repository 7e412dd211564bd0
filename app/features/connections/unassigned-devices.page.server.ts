import { withTenant, type Db } from "@db/client";
import {
  countUnassignedDevices,
  listUnassignedById,
  listUnassignedDevices,
} from "@db/queries/connections/connection-counts";
import { skipReasons, type SkipReason } from "@domain/device-plan";
import { oneOf, searchText } from "~/platform/http/paging";

export const UNASSIGNED_PAGE_SIZE = 50;

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
  filter: { reason: SkipReason | undefined; text: string | undefined },
  page: { after: string | undefined; limit: number },
) => withTenant(db, tenantId, (tx) => listUnassignedById(tx, tenantId, connectionId, filter, page));

/** A page of the devices without a client, each with the reason. Two statements. */
export async function readUnassignedDevices(
  db: Db,
  tenantId: string,
  connectionId: string,
  filter: { reason: SkipReason | undefined; text: string | undefined },
  page: number,
) {
  return withTenant(db, tenantId, async (tx) => ({
    rows: await listUnassignedDevices(tx, tenantId, connectionId, filter, {
      limit: UNASSIGNED_PAGE_SIZE,
      offset: (page - 1) * UNASSIGNED_PAGE_SIZE,
    }),
    total: await countUnassignedDevices(tx, tenantId, connectionId, filter),
  }));
}
