import { withTenant, type Db } from "@db/client";
import { countUnassignedDevices, listUnassignedDevices } from "@db/queries/connections/connection-counts";
import type { SkipReason } from "@domain/device-plan";

export const UNASSIGNED_PAGE_SIZE = 50;

/** A page of the devices without a client, with the reason. Two statements. */
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
