import { withTenant, type Db } from "@db/client";
import { listIntegrations } from "@db/queries/connections/connections";
import type { HeldFilter } from "@db/queries/review/held-filter";
import {
  countHeldThatFit,
  countHeldByKind,
  countToReview,
  fingerprintHeld,
  heldKeys,
  listHeld,
  listHeldById,
  listHeldGroups,
} from "@db/queries/review/review";
import {
  countWaitingDevices,
  fingerprintWaiting,
  listCandidateAssets,
  listWaitingDevices,
  waitingKeys,
  type CandidateAsset,
  type ReviewFilter,
  type WaitingDevice,
} from "@db/queries/review/waiting";
import { heldKinds } from "@domain/sync-words";
import { identityOf } from "@domain/device-identity";
import type { IdentityKeys, MatchKey } from "@domain/identity";
import type { DeviceSnapshot } from "@domain/snapshots";
import type { SystemInfo } from "@domain/system-info";
import { isId } from "~/auth/guard.server";
import { readKeysetPage } from "~/platform/http/keyset-page";
import { oneOf, searchText } from "~/platform/http/paging";
import { readTogether } from "~/platform/live/read-together";

const HELD_PAGE_SIZE = 50;
const GROUPS_SHOWN = 100;
/** Devices per page; each is shown beside all its candidates. */
const WAITING_PAGE_SIZE = 25;

export type { ToReview } from "@db/queries/review/review";

/** The number of pending decisions of each kind. One statement, for all tabs that ask at the same time. */
export const readToReview = (db: Db, tenantId: string) =>
  readTogether(db, tenantId, "to review", () =>
    withTenant(db, tenantId, (tx) => countToReview(tx, tenantId)),
  );

/** The value in an address for changes of assets without a client. */
const NO_CLIENT = "none";

/** The filter in an address, and the values that its form shows. */
export function heldFilterOf(params: URLSearchParams) {
  const kind = oneOf(params, "kind", ["", ...heldKinds]);
  const integration = params.get("integration");
  const run = params.get("run");
  const client = params.get("client");
  const text = searchText(params);
  const filter: HeldFilter = {
    ...(kind === "" ? {} : { kind }),
    ...(isId(integration) ? { connectionId: integration } : {}),
    ...(isId(run) ? { runId: run } : {}),
    ...(client === NO_CLIENT ? { clientId: null } : isId(client) ? { clientId: client } : {}),
    ...(text === undefined ? {} : { text }),
  };
  const { connectionId = "", runId = "" } = filter;
  const clientValue = filter.clientId === null ? NO_CLIENT : (filter.clientId ?? "");
  return {
    filter,
    values: { q: text ?? "", kind, integration: connectionId, run: runId, client: clientValue },
  };
}

/**
 * The page of held changes that an address asks for, and their groups, with the number of each kind that the other
 * filters leave. Six statements.
 */
export async function readHeld(db: Db, tenantId: string, filter: HeldFilter, params: URLSearchParams) {
  const list = { scope: `held:${tenantId}`, keys: heldKeys, pageSize: HELD_PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => {
    const { kind: _, ...others } = filter;
    return {
      ...(await readKeysetPage(list, params, {
        count: (place) => countHeldThatFit(tx, tenantId, filter, place),
        read: (slice) => listHeld(tx, tenantId, filter, slice),
      })),
      counts: await countHeldByKind(tx, tenantId, others),
      groups: await listHeldGroups(tx, tenantId, filter, GROUPS_SHOWN),
      mark: (await fingerprintHeld(tx, tenantId, filter)).mark,
      integrations: await readLabels(tx, tenantId),
    };
  });
}

/**
 * The fingerprint of the changes that match a filter, so that deciding all of them decides only what the person saw.
 */
export const readHeldFingerprint = (db: Db, tenantId: string, filter: HeldFilter) =>
  withTenant(db, tenantId, (tx) => fingerprintHeld(tx, tenantId, filter));

export type HeldPage = Awaited<ReturnType<typeof readHeld>>;

const readLabels = async (...args: Parameters<typeof listIntegrations>) =>
  (await listIntegrations(...args)).map(({ id, label }) => ({ id, label }));

/** The filter in an address, and the values that its form shows. */
export function waitingFilterOf(params: URLSearchParams) {
  const reason = oneOf(params, "reason", ["", "ambiguous", "waiting"]);
  const integration = params.get("integration");
  const connectionId = isId(integration) ? integration : undefined;
  const text = searchText(params);
  const filter: ReviewFilter = { connectionId, reason: reason === "" ? undefined : reason, text };
  return { filter, values: { q: text ?? "", reason, integration: connectionId ?? "" } };
}

/** The page of devices without an asset that an address asks for, each beside its candidates. Five statements. */
export async function readWaiting(db: Db, tenantId: string, filter: ReviewFilter, params: URLSearchParams) {
  const list = { scope: `waiting:${tenantId}`, keys: waitingKeys, pageSize: WAITING_PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => {
    const { rows, ...page } = await readKeysetPage(list, params, {
      count: (place) => countWaitingDevices(tx, tenantId, filter, place),
      read: (slice) => listWaitingDevices(tx, tenantId, filter, slice),
    });
    const wanted = new Set(rows.flatMap((row) => row.candidates.map(({ assetId }) => assetId)));
    const assets = new Map<string, CandidateAsset>();
    for (const asset of await listCandidateAssets(tx, tenantId, [...wanted]))
      assets.set(asset.assetId, asset);
    return {
      ...page,
      rows: rows.map((row) => compare(row, assets)),
      mark: (await fingerprintWaiting(tx, tenantId, filter)).mark,
      integrations: await readLabels(tx, tenantId),
    };
  });
}

/**
 * The most devices that one transaction links, because it locks their connections. For more, the person submits the
 * form again.
 */
export const WAITING_AT_ONCE = 500;

/** The fingerprint of the devices that match a filter. */
export const readWaitingFingerprint = (db: Db, tenantId: string, filter: ReviewFilter) =>
  withTenant(db, tenantId, (tx) => fingerprintWaiting(tx, tenantId, filter));

export type ComparedDevice = Awaited<ReturnType<typeof readWaiting>>["rows"][number];

function compare(row: Omit<WaitingDevice, "keys">, assets: ReadonlyMap<string, CandidateAsset>) {
  const { candidates, device, ...rest } = row;
  const snapshot = device as unknown as DeviceSnapshot;
  const info = snapshot.systemInfo as SystemInfo;
  const keys = identityOf(snapshot);
  return {
    ...rest,
    device: {
      serialNumber: snapshot.serialNumber,
      hostname: info.hostname ?? null,
      macKeys: keys.macKeys,
      model: [info.manufacturer, info.model].filter(Boolean).join(" ") || null,
      user: snapshot.lastLoggedInUser,
      // The snapshot is stored as JSON, so its time is a text.
      lastSeenAt: snapshot.liveness.lastSeenAt as unknown as string | null,
    },
    candidates: candidates.flatMap(({ assetId, by }) => {
      const asset = assets.get(assetId);
      return asset === undefined ? [] : [{ ...asset, by, shares: sharedKeys(keys, asset) }];
    }),
  };
}

function sharedKeys(device: IdentityKeys, asset: IdentityKeys): MatchKey[] {
  const shares: MatchKey[] = [];
  if (device.serialKey !== null && device.serialKey === asset.serialKey) shares.push("serial");
  if (device.macKeys.some((mac) => asset.macKeys.includes(mac))) shares.push("mac");
  if (device.hostnameKey !== null && device.hostnameKey === asset.hostnameKey) shares.push("hostname");
  return shares;
}

/** Pending changes after the given one, for a download. */
export const readHeldBatch = (
  db: Db,
  tenantId: string,
  filter: HeldFilter,
  page: Parameters<typeof listHeldById>[3],
) => withTenant(db, tenantId, (tx) => listHeldById(tx, tenantId, filter, page));
