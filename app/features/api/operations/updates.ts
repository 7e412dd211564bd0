import * as z from "zod";

import { assetUpdateKeys, listUpdatesOfAsset } from "@db/queries/assets/asset-page";
import { getAsset } from "@db/queries/assets/assets";
import {
  getPatch,
  listDevicesOfPatch,
  patchDetailKeys,
  patchStates,
  type PatchFacts,
} from "@db/queries/patches/patch-detail";
import { listPatchDevices, patchDeviceKeys, patchDeviceSorts } from "@db/queries/patches/patch-devices";
import { listPatches, patchKeys, patchSorts } from "@db/queries/patches/patch-list";
import { assetTypes } from "@domain/asset-words";
import { storableText } from "@domain/text";
import { patchScope } from "~/features/patches/patch-search.server";

import { operation } from "../base/operation";
import { keyPage, keyPlace, pageOf, pageQuery } from "../base/paging";
import { noSuch } from "../base/problem";
import {
  clientFilter,
  clientOf,
  flag,
  instantText,
  named,
  rawInstant,
  rawInstantOrNull,
  searchWords,
  toInstant,
} from "../base/shapes";
import { assetParams } from "./assets";

const facts = {
  key: z.string().meta({ description: "The same for an update on all devices: its name and KB numbers." }),
  name: z.string(),
  category: z.string().nullable(),
  kbIds: z.array(z.string()),
};
const update = z
  .object({
    ...facts,
    devices: z.int().meta({ description: "Assets that it is pending on." }),
    firstSeenAt: instantText,
    oldestPendingAt: instantText.meta({
      description: "Since when it is pending on the asset that waits longest.",
    }),
  })
  .meta({ id: "Update" });
const updateDetail = z
  .object({
    ...facts,
    version: z.string().nullable(),
    publishedOn: z.string().nullable(),
    firstSeenAt: instantText,
  })
  .meta({ id: "UpdateDetail" });
const interval = z.object({
  startedAt: instantText,
  endedAt: instantText.nullable().meta({ description: "Null while it is pending." }),
});
const updateOfAsset = z
  .object({
    id: z.uuid(),
    asset: named,
    type: z.enum(assetTypes),
    client: named.nullable(),
    error: z.string().nullable(),
    firstSeenAt: instantText,
    intervals: z.array(interval).meta({ description: "When it was pending, oldest first." }),
  })
  .meta({ id: "UpdateOfAsset" });
const deviceWithUpdates = z
  .object({
    id: z.uuid().meta({ description: "Of the asset." }),
    name: z.string(),
    type: z.enum(assetTypes),
    client: named.nullable(),
    updates: z.int(),
    oldestPendingAt: instantText.nullable(),
  })
  .meta({ id: "AssetWithUpdates" });
const assetUpdate = z
  .object({
    id: z.uuid(),
    ...facts,
    version: z.string().nullable(),
    sizeBytes: z.number().nullable(),
    error: z.string().nullable(),
    publishedOn: z.string().nullable(),
    firstSeenAt: instantText,
    pendingSince: instantText,
  })
  .meta({ id: "AssetUpdate" });

const updateParams = z.object({
  updateKey: z
    .string()
    .min(1)
    .max(2000)
    .refine((key) => storableText(key) === key),
});

const filters = {
  client: clientFilter,
  category: searchWords.meta({ description: "`none`: updates without a category." }),
  type: z.enum(assetTypes).optional(),
  pendingDays: z.coerce.number().int().min(1).max(3650).optional().meta({
    description: "Pending for at least so many days.",
  }),
};
const filterOf = ({ q, client, category, type, pendingDays }: FilterQuery) => ({
  text: q,
  clientId: client,
  category,
  type,
  minDays: pendingDays,
});
type FilterQuery = z.infer<z.ZodObject<typeof filters>> & { q?: string | undefined };

const toDetail = (key: string, row: PatchFacts): z.infer<typeof updateDetail> => ({
  key,
  ...row,
  firstSeenAt: rawInstant(row.firstSeenAt),
});

export const updateOperations = [
  operation({
    id: "listUpdates",
    method: "GET",
    path: "/updates",
    tag: "Updates",
    summary: "Pending updates, each once however many devices wait for it",
    scope: "read",
    permission: "assets:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the name or a KB number." }),
        ...filters,
        sort: z.enum(patchSorts).default("devices"),
        reverse: flag.default(false),
      })
      .strict(),
    success: { status: 200, description: "A page of updates", schema: pageOf(update) },
    run: async ({ app, inTenant, tenantId }, { query }) => {
      const { limit, cursor, sort, reverse } = query;
      const order = { sort, isReversed: reverse };
      const scope = patchScope("patches", order);
      const slice = { after: keyPlace(cursor, scope, patchKeys(order)), limit: limit + 1 };
      const rows = await inTenant((tx) =>
        listPatches(tx, tenantId, filterOf(query), order, slice, app.clock()),
      );
      return {
        body: keyPage(rows, { limit, scope }, ({ keys: _, total: __, oldestAt, firstSeenAt, ...row }) => ({
          ...row,
          firstSeenAt: rawInstant(firstSeenAt),
          oldestPendingAt: rawInstant(oldestAt),
        })),
      };
    },
  }),
  operation({
    id: "getUpdate",
    method: "GET",
    path: "/updates/{updateKey}",
    tag: "Updates",
    summary: "One update",
    scope: "read",
    permission: "assets:read",
    params: updateParams,
    success: { status: 200, description: "The update", schema: updateDetail },
    run: async ({ inTenant, tenantId }, { params: { updateKey } }) => {
      const row = await inTenant((tx) => getPatch(tx, tenantId, updateKey));
      if (row === undefined) throw noSuch("update");
      return { body: toDetail(updateKey, row) };
    },
  }),
  operation({
    id: "listAssetsOfUpdate",
    method: "GET",
    path: "/updates/{updateKey}/assets",
    tag: "Updates",
    summary: "The assets that were offered an update, with the times when it was pending",
    scope: "read",
    permission: "assets:read",
    params: updateParams,
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "Part of the asset's name." }),
        ...filters,
        state: z.enum(patchStates).default("pending"),
      })
      .strict(),
    success: { status: 200, description: "A page of assets", schema: pageOf(updateOfAsset) },
    run: async ({ app, inTenant, tenantId }, { params: { updateKey }, query }) => {
      const { limit, cursor, state } = query;
      const scope = "patch";
      const slice = { after: keyPlace(cursor, scope, patchDetailKeys), limit: limit + 1 };
      const filter = { ...filterOf(query), state };
      const rows = await inTenant(async (tx) =>
        (await getPatch(tx, tenantId, updateKey)) === undefined
          ? null
          : listDevicesOfPatch(tx, tenantId, updateKey, filter, slice, app.clock()),
      );
      if (rows === null) throw noSuch("update");
      return {
        body: keyPage(rows, { limit, scope }, (row) => ({
          id: row.id,
          asset: { id: row.assetId, name: row.name },
          type: row.assetType,
          client: clientOf(row),
          error: row.error,
          firstSeenAt: rawInstant(row.firstSeenAt),
          intervals: row.intervals.map(({ startedAt, endedAt }) => ({
            startedAt: rawInstant(startedAt),
            endedAt: rawInstantOrNull(endedAt),
          })),
        })),
      };
    },
  }),
  operation({
    id: "listAssetsWithUpdates",
    method: "GET",
    path: "/update-assets",
    tag: "Updates",
    summary: "Assets with pending updates, and how many",
    scope: "read",
    permission: "assets:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "As the search of the asset list." }),
        ...filters,
        sort: z.enum(patchDeviceSorts).default("patches"),
        reverse: flag.default(false),
      })
      .strict(),
    success: { status: 200, description: "A page of assets", schema: pageOf(deviceWithUpdates) },
    run: async ({ app, inTenant, tenantId }, { query }) => {
      const { limit, cursor, sort, reverse } = query;
      const order = { sort, isReversed: reverse };
      const scope = patchScope("patch-devices", order);
      const slice = { after: keyPlace(cursor, scope, patchDeviceKeys(order)), limit: limit + 1 };
      const rows = await inTenant((tx) =>
        listPatchDevices(tx, tenantId, filterOf(query), order, slice, app.clock()),
      );
      return {
        body: keyPage(rows, { limit, scope }, (row) => ({
          id: row.id,
          name: row.name,
          type: row.assetType,
          client: clientOf(row),
          updates: row.patches,
          oldestPendingAt: rawInstantOrNull(row.oldestAt),
        })),
      };
    },
  }),
  operation({
    id: "listUpdatesOfAsset",
    method: "GET",
    path: "/assets/{assetId}/updates",
    tag: "Updates",
    summary: "The updates that are pending on an asset, the longest pending first",
    scope: "read",
    permission: "assets:read",
    params: assetParams,
    query: pageQuery.strict(),
    success: { status: 200, description: "A page of updates", schema: pageOf(assetUpdate) },
    run: async ({ inTenant, tenantId }, { params: { assetId }, query: { limit, cursor } }) => {
      const scope = "asset-updates";
      const slice = { after: keyPlace(cursor, scope, assetUpdateKeys), limit: limit + 1 };
      const rows = await inTenant(async (tx) =>
        (await getAsset(tx, tenantId, assetId)) === undefined
          ? null
          : listUpdatesOfAsset(tx, tenantId, assetId, slice),
      );
      if (rows === null) throw noSuch("asset");
      return {
        body: keyPage(rows, { limit, scope }, ({ keys: _, firstSeenAt, availableSince, ...row }) => ({
          ...row,
          firstSeenAt: toInstant(firstSeenAt),
          pendingSince: toInstant(availableSince),
        })),
      };
    },
  }),
];
