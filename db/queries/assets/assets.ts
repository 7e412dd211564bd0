import { and, eq, isNull, ne, or, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { assets, tenantExternalEntityMappings as entities } from "../../schema";
import { uuidArray } from "../shared/arrays";
import { byName } from "../shared/by-name";
import { contains } from "../shared/search";

export type AssetRow = typeof assets.$inferSelect;

/**
 * The asset, locked until the transaction ends, so that a decision based on it stays valid; undefined if there is none.
 */
export async function lockAsset(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<AssetRow | undefined> {
  const [row] = await tx
    .select()
    .from(assets)
    .where(and(eq(assets.tenantId, tenantId), eq(assets.id, assetId)))
    .for("no key update");
  return row;
}

/** The tenant's asset with this id, or undefined. */
export async function getAsset(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<AssetRow | undefined> {
  const [row] = await tx
    .select()
    .from(assets)
    .where(and(eq(assets.tenantId, tenantId), eq(assets.id, assetId)));
  return row;
}

/** The id and name of the asset that filters a list; the name is a placeholder if there is no such asset. */
export const namedAsset = async (tx: TenantDb, tenantId: string, id: string) => ({
  id,
  name: (await getAsset(tx, tenantId, id))?.name ?? "Unknown asset",
});

/** The assets with this name, ignoring case, at most `limit`. */
export const findAssetsNamed = (
  tx: TenantDb,
  tenantId: string,
  name: string,
  limit: number,
): Promise<{ id: string; name: string }[]> =>
  tx
    .select({ id: assets.id, name: assets.name })
    .from(assets)
    .where(
      and(
        eq(assets.tenantId, tenantId),
        sql`natural_key(${assets.name}) collate "C" = natural_key(${name}) collate "C"`,
      ),
    )
    .limit(limit);

/** The assets among the given ids that exist, with their names. */
export const listAssetNames = async (
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> =>
  ids.length === 0
    ? []
    : tx
        .select({ id: assets.id, name: assets.name })
        .from(assets)
        .where(and(eq(assets.tenantId, tenantId), sql`${assets.id} = any(${uuidArray(ids)})`))
        .orderBy(byName(assets.name), assets.id);

/** Assets of a client whose name or serial number contains the text, ordered by name. */
export async function listAssetsLikeName(
  tx: TenantDb,
  tenantId: string,
  filter: { clientId: string | null; text: string | null; except: string; limit: number },
): Promise<{ id: string; name: string; status: AssetRow["status"]; serialNumber: string | null }[]> {
  const text = filter.text ?? "";
  return tx
    .select({
      id: assets.id,
      name: assets.name,
      status: assets.status,
      serialNumber: assets.serialNumber,
    })
    .from(assets)
    .where(
      and(
        eq(assets.tenantId, tenantId),
        filter.clientId === null ? isNull(assets.clientId) : eq(assets.clientId, filter.clientId),
        ne(assets.id, filter.except),
        or(contains(assets.name, text), contains(assets.serialNumber, text)),
      ),
    )
    .orderBy(byName(assets.name), assets.id)
    .limit(filter.limit);
}

/** Whether a device is or was linked to the asset. */
export async function hasDevice(tx: TenantDb, tenantId: string, assetId: string): Promise<boolean> {
  const rows = await tx
    .select({ id: entities.id })
    .from(entities)
    .where(and(eq(entities.tenantId, tenantId), eq(entities.assetId, assetId)))
    .limit(1);
  return rows.length > 0;
}

export type AssetColumns = Partial<
  Pick<
    typeof assets.$inferInsert,
    | "name"
    | "assetType"
    | "location"
    | "clientId"
    | "siteId"
    | "contactId"
    | "notes"
    | "overriddenFields"
    | "hostnameKey"
  >
>;

/** Sets columns of an asset; does nothing if the tenant has no such asset. */
export async function updateAsset(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
  set: AssetColumns,
  now: Date,
): Promise<void> {
  await tx
    .update(assets)
    .set({ ...set, updatedAt: now })
    .where(and(eq(assets.tenantId, tenantId), eq(assets.id, assetId)));
}

/** Like `updateAsset`, but may also set the identity keys and the status, as a merge does. */
export async function overwriteAsset(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
  set: Partial<typeof assets.$inferInsert>,
  now: Date,
): Promise<void> {
  await tx
    .update(assets)
    .set({ ...set, updatedAt: now })
    .where(and(eq(assets.tenantId, tenantId), eq(assets.id, assetId)));
}

/** Inserts an asset. Returns its id. */
export async function insertAsset(tx: TenantDb, asset: typeof assets.$inferInsert): Promise<{ id: string }> {
  const [row] = await tx.insert(assets).values(asset).returning({ id: assets.id });
  return row!;
}

/**
 * Deletes an asset that never had a device. Locks the row first, so that it sees a device that is being linked at the
 * same time. Returns the asset's name; undefined if there is no such asset, or a device is or was linked to it.
 */
export async function deleteWithoutDevice(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<{ name: string } | undefined> {
  const own = and(eq(assets.tenantId, tenantId), eq(assets.id, assetId));
  await tx.select({ id: assets.id }).from(assets).where(own).for("update");
  if (await hasDevice(tx, tenantId, assetId)) return undefined;
  const [row] = await tx.delete(assets).where(own).returning({ name: assets.name });
  return row;
}

/** An asset of the client that already has this serial number; undefined if there is none. */
export async function findBySerial(
  tx: TenantDb,
  tenantId: string,
  clientId: string,
  serialKey: string,
): Promise<{ id: string; name: string } | undefined> {
  const [row] = await tx
    .select({ id: assets.id, name: assets.name })
    .from(assets)
    .where(and(eq(assets.tenantId, tenantId), eq(assets.clientId, clientId), eq(assets.serialKey, serialKey)))
    .orderBy(sql`${assets.status} <> 'active'`, assets.id)
    .limit(1);
  return row;
}
