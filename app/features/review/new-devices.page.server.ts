import { withTenant, type Db } from "@db/client";
import { listIntegrations } from "@db/queries/connections/connections";
import {
  fingerprintNewDevices,
  listNewDevices,
  newDeviceStates,
  type NewDeviceFilter,
} from "@db/queries/review/new-devices";
import { isId } from "~/auth/guard.server";
import { oneOf, searchText } from "~/platform/http/paging";

export const NEW_DEVICES_PAGE_SIZE = 50;

/**
 * The most devices that one transaction decides, because it locks their connections. For more, the person submits the
 * form again.
 */
export const NEW_DEVICES_AT_ONCE = 500;

/** The filter in an address, and the values that its form shows. */
export function newDeviceFilterOf(params: URLSearchParams) {
  const state = oneOf(params, "state", newDeviceStates);
  const integration = params.get("integration");
  const connectionId = isId(integration) ? integration : undefined;
  const text = searchText(params);
  const filter: NewDeviceFilter = { state, connectionId, text };
  return { filter, values: { q: text ?? "", state, integration: connectionId ?? "" } };
}

/** A page of new devices. Three statements. */
export async function readNewDevices(db: Db, tenantId: string, filter: NewDeviceFilter, page: number) {
  return withTenant(db, tenantId, async (tx) => {
    const offset = (page - 1) * NEW_DEVICES_PAGE_SIZE;
    const { ids, mark } = await fingerprintNewDevices(tx, tenantId, filter);
    return {
      rows: await listNewDevices(tx, tenantId, filter, { limit: NEW_DEVICES_PAGE_SIZE, offset }),
      total: ids.length,
      mark,
      integrations: (await listIntegrations(tx, tenantId)).map(({ id, label }) => ({ id, label })),
    };
  });
}

export type NewDevicesPage = Awaited<ReturnType<typeof readNewDevices>>;

/** The fingerprint of the devices that match a filter, as they were shown. */
export const readNewDevicesFingerprint = (db: Db, tenantId: string, filter: NewDeviceFilter) =>
  withTenant(db, tenantId, (tx) => fingerprintNewDevices(tx, tenantId, filter));
