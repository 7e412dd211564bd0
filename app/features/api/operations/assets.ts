import * as z from "zod";

import { listAssetChanges } from "@db/queries/assets/asset-changes";
import { getAsset, type AssetRow as StoredAsset } from "@db/queries/assets/assets";
import {
  assetAlerts,
  assetPlatforms,
  assetSpecials,
  assetStates,
  assetUpdates,
} from "@db/queries/assets/asset-filter";
import { listAssetRows, type AssetListRow } from "@db/queries/assets/asset-list";
import { assetKeys, assetSorts, cursorScope } from "@db/queries/assets/asset-order";
import { listAssetDevices, readAssetRow } from "@db/queries/assets/asset-page";
import { fieldsOf } from "@domain/asset-fields";
import { assetVersion } from "@domain/asset-version";
import { assetStatuses, assetTypes } from "@domain/asset-words";
import { assetFindings } from "@domain/asset-findings";
import type { SystemInfo } from "@domain/system-info";

import { operation, type ApiContext } from "../base/operation";
import { decodeCursor, keyPage, keyPlace, page, pageOf, pageQuery } from "../base/paging";
import { noSuch } from "../base/problem";
import { flag, instantText, named, searchWords, toInstant, toInstantOrNull } from "../base/shapes";
import { assetChange, toAssetChange } from "./asset-changes";
import { customFieldFilter, customFieldQuery, customFieldsOf, customFieldsShape } from "./custom-fields";

const asset = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.enum(assetTypes),
    status: z.enum(assetStatuses).meta({ description: "`gone`: the RMM no longer lists it." }),
    client: named.nullable(),
    site: named.nullable().meta({ description: "A site of the client." }),
    contact: named.nullable().meta({ description: "Whom to call about it." }),
    serialNumber: z.string().nullable(),
    osName: z.string().nullable(),
    osVersion: z.string().nullable(),
    lanIp: z.string().nullable(),
    lastUser: z.string().nullable(),
    pendingUpdates: z.int().nullable(),
    findings: z
      .array(z.string())
      .meta({ description: `What is wrong with it: ${assetFindings.join(", ")}.` }),
    agentStatus: z.enum(["online", "offline"]).nullable(),
    lastSeenAt: instantText.nullable(),
    customFields: customFieldsShape,
  })
  .meta({ id: "Asset" });

export const assetDetail = asset
  .extend({
    notes: z.string().nullable(),
    location: z.string().nullable(),
    cpuModel: z.string().nullable(),
    cpuCores: z.int().nullable(),
    ramGb: z.int().nullable(),
    disks: z.array(z.record(z.string(), z.unknown())),
    system: z.record(z.string(), z.unknown()).meta({
      description:
        "Manufacturer, model, network interfaces, tags and whatever else the RMM says. Sizes in bytes.",
    }),
    overriddenFields: z
      .array(z.string())
      .meta({ description: "Fields that a person set: syncs leave them alone." }),
    devices: z.array(
      z.object({
        connection: named,
        externalId: z.string(),
        name: z.string(),
        agentStatus: z.enum(["online", "offline"]).nullable(),
        lastSeenAt: instantText.nullable(),
        lastRebootAt: instantText.nullable(),
        uptimeSeconds: z.int().nullable(),
        observedAt: instantText.meta({ description: "As of when this is known." }),
        goneAt: instantText.nullable(),
      }),
    ),
  })
  .meta({ id: "AssetDetail" });

export const assetParams = z.object({ assetId: z.uuid() });

type AssetRow = Omit<
  AssetListRow,
  "keys" | "found" | "haveText" | "model" | "tags" | "diskPercent" | "securityScore" | "location"
>;

const toAsset = (row: AssetRow, customFields: z.infer<typeof customFieldsShape>): z.infer<typeof asset> => ({
  id: row.id,
  name: row.name,
  type: row.assetType,
  status: row.status,
  client: row.clientId === null ? null : { id: row.clientId, name: row.client ?? "" },
  site: row.siteId === null ? null : { id: row.siteId, name: row.site ?? "" },
  contact: row.contactId === null ? null : { id: row.contactId, name: row.contact ?? "" },
  serialNumber: row.serialNumber,
  osName: row.osName ?? row.osType,
  osVersion: row.osVersion,
  lanIp: row.lanIp,
  lastUser: row.user,
  pendingUpdates: row.patches,
  findings: row.findings,
  agentStatus: row.agentStatus,
  lastSeenAt: toInstantOrNull(row.lastSeenAt),
  customFields,
});

export const assetOperations = [
  operation({
    id: "listAssets",
    method: "GET",
    path: "/assets",
    tag: "Assets",
    summary: "Assets",
    scope: "read",
    permission: "assets:read",
    query: pageQuery
      .extend({
        q: searchWords.meta({ description: "As the search of the asset list." }),
        client: z.union([z.uuid(), z.literal("none")]).optional(),
        site: z.uuid().optional(),
        contact: z.uuid().optional(),
        type: z.enum(assetTypes).optional(),
        state: z.enum(assetStates).default("current"),
        platform: z.enum(assetPlatforms).optional(),
        finding: z.enum(assetFindings).optional(),
        tag: searchWords,
        system: searchWords.meta({ description: "Part of the operating system's name or version." }),
        unseenDays: z.coerce.number().int().min(1).max(3650).optional(),
        sort: z.enum(assetSorts).default("added").meta({
          description: "By `added` no row is missed or given twice while others change.",
        }),
        reverse: flag.default(false),
        group: z.uuid().optional().meta({ description: "A group of the RMM, with those below it." }),
        updates: z.enum(assetUpdates).optional().meta({
          description: "So many updates pending, or one of them for so many days.",
        }),
        alerts: z.enum(assetAlerts).optional().meta({
          description: "Alerts that nobody has acknowledged: of any severity, or of these and worse.",
        }),
        diskPercent: z.coerce.number().int().min(1).max(100).optional().meta({
          description: "A disk is at least so full, in percent.",
        }),
        special: z.enum(assetSpecials).optional().meta({
          description: "With a field that a person set; known to no RMM; where that is as it should be.",
        }),
      })
      .extend(customFieldQuery)
      .strict(),
    success: {
      status: 200,
      description: "A page of assets",
      schema: pageOf(asset),
    },
    run: async (context, { query }) => {
      const { inTenant, tenantId } = context;
      const { q, client, limit, cursor, ...rest } = query;
      const order = { sort: rest.sort, isReversed: rest.reverse };
      const scope = cursorScope(order);
      const after = keyPlace(cursor, scope, assetKeys(order));
      const filter = {
        text: q,
        clientId: client,
        siteId: rest.site,
        contactId: rest.contact,
        type: rest.type,
        state: rest.state,
        platform: rest.platform,
        finding: rest.finding,
        tag: rest.tag,
        system: rest.system,
        unseenDays: rest.unseenDays,
        groupId: rest.group,
        updates: rest.updates,
        alerts: rest.alerts,
        diskPercent: rest.diskPercent,
        special: rest.special,
        custom: customFieldFilter(context, rest),
      };
      const place = after === undefined ? { offset: 0 } : { after };
      const { rows, fieldsOf } = await inTenant(async (tx) => {
        const found = await listAssetRows(tx, tenantId, { filter, order }, { ...place, limit: limit + 1 });
        const ids = found.map(({ id }) => id);
        return { rows: found, fieldsOf: await customFieldsOf(tx, context, ids) };
      });
      return { body: keyPage(rows, { limit, scope }, (row) => toAsset(row, fieldsOf(row.id))) };
    },
  }),
  operation({
    id: "getAsset",
    method: "GET",
    path: "/assets/{assetId}",
    tag: "Assets",
    summary: "One asset with all that is known of it",
    scope: "read",
    permission: "assets:read",
    params: assetParams,
    success: { status: 200, description: "The asset", schema: assetDetail },
    run: (context, { params: { assetId } }) => readDetail(context, assetId),
  }),
  operation({
    id: "listAssetChanges",
    method: "GET",
    path: "/assets/{assetId}/history",
    tag: "Assets",
    summary: "What changed on an asset, the newest first",
    scope: "read",
    permission: "assets:read",
    params: assetParams,
    query: pageQuery.strict(),
    success: { status: 200, description: "A page of changes", schema: pageOf(assetChange) },
    run: async ({ inTenant, tenantId }, { params: { assetId }, query: { limit, cursor } }) => {
      const before = decodeCursor(z.tuple([z.int().positive()]), cursor)?.[0];
      const rows = await inTenant(async (tx) =>
        (await getAsset(tx, tenantId, assetId)) === undefined
          ? null
          : listAssetChanges(tx, tenantId, { assetId }, { before, limit: limit + 1 }),
      );
      if (rows === null) throw noSuch("asset");
      return { body: page(rows, limit, toAssetChange, ({ id }) => [id]) };
    },
  }),
];

/** The version of an asset, which a change sends in `If-Match`. */
export const assetVersionOf = (row: StoredAsset): string =>
  assetVersion(fieldsOf(row), row.overriddenFields).replaceAll(" ", "-");

/**
 * The answer that returns one asset.
 * @throws ApiProblem if there is no such asset
 */
export async function readDetail(context: ApiContext, assetId: string) {
  const { inTenant, tenantId } = context;
  const found = await inTenant(async (tx) => {
    const row = await readAssetRow(tx, tenantId, assetId);
    if (row === undefined) return null;
    const devices = await listAssetDevices(tx, tenantId, assetId);
    const customFields = (await customFieldsOf(tx, context, [assetId]))(assetId);
    return { row, devices, customFields };
  });
  if (found === null) throw noSuch("asset");
  return { body: toDetail(found), version: assetVersionOf(found.row.asset) };
}

function toDetail({
  row: { asset: stored, details, client, site, contact },
  devices,
  customFields,
}: {
  customFields: z.infer<typeof customFieldsShape>;
  row: NonNullable<Awaited<ReturnType<typeof readAssetRow>>>;
  devices: Awaited<ReturnType<typeof listAssetDevices>>;
}): z.infer<typeof assetDetail> {
  const [current] = devices;
  return {
    ...toAsset(
      {
        ...stored,
        client: client?.name ?? null,
        site: site?.name ?? null,
        contact: contact?.name ?? null,
        osType: details?.osType ?? null,
        osName: (details?.systemInfo as SystemInfo | undefined)?.osName ?? null,
        osVersion: details?.osVersion ?? null,
        lanIp: details?.lanIp ?? null,
        user: details?.lastLoggedInUser ?? null,
        patches: details?.pendingOsPatches ?? null,
        findings: details?.findings ?? [],
        agentStatus: current?.agentStatus ?? null,
        lastSeenAt: current?.lastSeenAt ?? null,
      },
      customFields,
    ),
    notes: stored.notes,
    location: stored.location,
    cpuModel: details?.cpuModel ?? null,
    cpuCores: details?.cpuCores ?? null,
    ramGb: details?.ramGb ?? null,
    disks: (details?.disks ?? []).map((disk) => ({ ...disk })),
    system: details?.systemInfo ?? {},
    overriddenFields: stored.overriddenFields,
    devices: devices.map((device) => ({
      connection: { id: device.connectionId, name: device.integration },
      externalId: device.externalId,
      name: device.displayName,
      agentStatus: device.agentStatus,
      lastSeenAt: toInstantOrNull(device.lastSeenAt),
      lastRebootAt: toInstantOrNull(device.lastRebootAt),
      uptimeSeconds: device.uptimeSeconds,
      observedAt: toInstant(device.observedAt),
      goneAt: toInstantOrNull(device.goneAt),
    })),
  };
}
