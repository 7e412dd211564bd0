import { withTenant, type Db } from "@db/client";
import { listIntegrations } from "@db/queries/connections/connections";
import {
  fingerprintNewDevices,
  listNewDevices,
  newDeviceKeys,
  newDeviceStates,
  type NewDeviceFilter,
} from "@db/queries/review/new-devices";
import type { KeysetPlace, PlaceCount } from "@db/queries/shared/keyset";
import { isId } from "~/auth/guard.server";
import { readKeysetPage } from "~/platform/http/keyset-page";
import { oneOf, searchText } from "~/platform/http/paging";

const PAGE_SIZE = 50;

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

/** The page of new devices that an address asks for. Three statements. */
export async function readNewDevices(
  db: Db,
  tenantId: string,
  filter: NewDeviceFilter,
  params: URLSearchParams,
) {
  const list = { scope: `new-devices:${tenantId}`, keys: newDeviceKeys, pageSize: PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => {
    const { ids, mark } = await fingerprintNewDevices(tx, tenantId, filter);
    return {
      ...(await readKeysetPage(list, params, {
        count: (place) => countPast(ids, place),
        read: (slice) => listNewDevices(tx, tenantId, filter, slice),
      })),
      mark,
      integrations: (await listIntegrations(tx, tenantId)).map(({ id, label }) => ({ id, label })),
    };
  });
}

/** Counts among the ids of the list. As texts they sort as they do in the list. */
function countPast(ids: readonly string[], place: KeysetPlace): PlaceCount {
  const isPast = (id: string): boolean =>
    typeof place === "string" || ("after" in place ? id > place.after[0]! : id < place.before[0]!);
  return { total: ids.length, past: ids.filter(isPast).length };
}

export type NewDevicesPage = Awaited<ReturnType<typeof readNewDevices>>;

/** The fingerprint of the devices that match a filter, as they were shown. */
export const readNewDevicesFingerprint = (db: Db, tenantId: string, filter: NewDeviceFilter) =>
  withTenant(db, tenantId, (tx) => fingerprintNewDevices(tx, tenantId, filter));
