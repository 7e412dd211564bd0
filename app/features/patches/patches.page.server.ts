import { readAtOnce, withTenant, type Db, type TenantDb } from "@db/client";
import { listClientNames } from "@db/queries/clients/clients";
import {
  countDevicesOfPatch,
  getPatch,
  listDevicesOfPatch,
  listReview,
  patchDetailKeys,
  patchStates,
} from "@db/queries/patches/patch-detail";
import {
  countPatchDevices,
  listPatchDevices,
  patchDeviceKeys,
  patchDeviceSorts,
} from "@db/queries/patches/patch-devices";
import { listPatchCategories, listPatches, patchKeys, patchSorts } from "@db/queries/patches/patch-list";
import type { PatchFilter } from "@db/queries/patches/pending-updates";
import { addressOf, placeAt, type KeyValues, type Slice } from "@db/queries/shared/keyset";
import { seriesOf } from "~/features/device-ledger/ledger.page.server";
import { oneOf } from "~/platform/http/paging";

import { patchFilter, patchScope, PATCHES_PAGE_SIZE } from "./patch-search.server";

const CATEGORIES_OFFERED = 100;

const isReversed = (params: URLSearchParams) => params.get("order") === "reverse";

/**
 * The filter, order and place in the address of a list, or of its CSV. A place in another order counts as the start.
 */
export function patchSearch(params: URLSearchParams) {
  const order = { sort: oneOf(params, "sort", patchSorts), isReversed: isReversed(params) };
  const scope = patchScope("patches", order);
  return {
    filter: patchFilter(params),
    order,
    scope,
    after: placeAt(params.get("after"), scope, patchKeys(order)),
  };
}

/** Filter, order and place of the list of devices to be patched, from the parameters of its address. */
export function patchDeviceSearch(params: URLSearchParams) {
  const order = { sort: oneOf(params, "sort", patchDeviceSorts), isReversed: isReversed(params) };
  const scope = patchScope("patch-devices", order);
  return {
    filter: patchFilter(params),
    order,
    scope,
    after: placeAt(params.get("after"), scope, patchDeviceKeys(order)),
  };
}

/** Filter and place of the list of one update's devices, from the parameters of its address. */
export const devicesOfPatchSearch = (params: URLSearchParams) => ({
  filter: { ...patchFilter(params), state: oneOf(params, "state", patchStates) },
  scope: "patch",
  after: placeAt(params.get("after"), "patch", patchDetailKeys),
});

/** Reads one row more than a page shows, to know whether there is a next page. */
const firstPage = { limit: PATCHES_PAGE_SIZE + 1 };

/** The rows of a page and the place of the next page. */
function pageOf<Row extends { keys: KeyValues }>(found: Row[], scope: string) {
  const rows = found.slice(0, PATCHES_PAGE_SIZE);
  const last = rows.at(-1);
  return {
    rows: rows.map(({ keys: _, ...row }) => row),
    next: found.length > rows.length && last !== undefined ? addressOf(scope, last.keys) : null,
  };
}

/** Pending updates, and beside them their number over the last 90 days. Five statements. */
export async function readPatches(
  db: Db,
  tenantId: string,
  { filter, order, scope, after }: ReturnType<typeof patchSearch>,
  now: Date,
) {
  const { found, besides } = await readAtOnce(db, tenantId, {
    found: (tx) => listPatches(tx, tenantId, filter, order, { ...firstPage, after }, now),
    besides: (tx) => readChoicesAndTrend(tx, tenantId, filter, now),
  });
  const rows = found.map(({ total: _, ...row }) => row);
  return { ...pageOf(rows, scope), total: found[0]?.total ?? 0, ...besides };
}

/** Assets with pending updates, and beside them the number of updates over the last 90 days. Five statements. */
export async function readPatchDevices(
  db: Db,
  tenantId: string,
  { filter, order, scope, after }: ReturnType<typeof patchDeviceSearch>,
  now: Date,
) {
  const { found, besides } = await readAtOnce(db, tenantId, {
    found: (tx) => listPatchDevices(tx, tenantId, filter, order, { ...firstPage, after }, now),
    besides: async (tx) => ({
      total: await countPatchDevices(tx, tenantId, filter, now),
      ...(await readChoicesAndTrend(tx, tenantId, filter, now)),
    }),
  });
  return { ...pageOf(found, scope), ...besides };
}

const readChoicesAndTrend = async (tx: TenantDb, tenantId: string, filter: PatchFilter, now: Date) => ({
  clients: await listClientNames(tx, tenantId),
  categories: await listPatchCategories(tx, tenantId, CATEGORIES_OFFERED),
  trend: await seriesOf(tx, tenantId, filter, now),
});

/** An update, the devices that were offered it, and beside them their number; null if the tenant never had it. */
export async function readPatch(
  db: Db,
  tenantId: string,
  key: string,
  { filter, scope, after }: ReturnType<typeof devicesOfPatchSearch>,
  now: Date,
) {
  const { found, besides } = await readAtOnce(db, tenantId, {
    found: (tx) => listDevicesOfPatch(tx, tenantId, key, filter, { ...firstPage, after }, now),
    besides: async (tx) => ({
      patch: await getPatch(tx, tenantId, key),
      total: await countDevicesOfPatch(tx, tenantId, key, filter, now),
      clients: await listClientNames(tx, tenantId),
    }),
  });
  const { patch, ...others } = besides;
  return patch === undefined ? null : { patch, ...pageOf(found, scope), ...others };
}

const BATCH = 1000;

/** A list for a file: each call returns the batch after the previous one. */
function inBatches<Row extends { keys: KeyValues }>(
  read: (slice: Slice) => Promise<Row[]>,
): () => Promise<Row[]> {
  let after: KeyValues | undefined;
  let isDone = false;
  return async () => {
    if (isDone) return [];
    const rows = await read({ after, limit: BATCH });
    after = rows.at(-1)?.keys;
    isDone = rows.length < BATCH;
    return rows;
  };
}

/** All updates that match the filter, in batches for the CSV. */
export const patchBatches = (
  db: Db,
  tenantId: string,
  { filter, order }: ReturnType<typeof patchSearch>,
  now: Date,
) =>
  inBatches((slice) =>
    withTenant(db, tenantId, (tx) => listPatches(tx, tenantId, filter, order, slice, now)),
  );

/** All devices that match the filter, in batches for the CSV. */
export const patchDeviceBatches = (
  db: Db,
  tenantId: string,
  { filter, order }: ReturnType<typeof patchDeviceSearch>,
  now: Date,
) =>
  inBatches((slice) =>
    withTenant(db, tenantId, (tx) => listPatchDevices(tx, tenantId, filter, order, slice, now)),
  );

/** Every update of every device within a period, for a patch review; see `listReview`. */
export function reviewBatches(
  db: Db,
  tenantId: string,
  params: URLSearchParams,
  period: { from: Date; to: Date },
) {
  const filter = patchFilter(params);
  let after: string | undefined;
  let isDone = false;
  return async () => {
    if (isDone) return [];
    const batch = { after, limit: BATCH };
    const rows = await withTenant(db, tenantId, (tx) => listReview(tx, tenantId, filter, period, batch));
    after = rows.at(-1)?.id;
    isDone = rows.length < BATCH;
    return rows;
  };
}
