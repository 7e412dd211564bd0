import { withTenant, type Db } from "@db/client";
import { listCustomFieldsOfAsset, listCustomFieldSources } from "@db/queries/custom-fields/fields";
import { allows, type Role } from "@domain/permissions";

/** Whether a role may read fields for admins of the RMM account: only roles that may manage its key. */
export const mayReadAdminOnly = (role: Role): boolean => allows(role, "integrations:manage");

/** The custom fields of an asset with their values, and the connections that they are from. Two statements. */
export async function readAssetCustomFields(db: Db, tenantId: string, assetId: string, role: Role) {
  return withTenant(db, tenantId, async (tx) => ({
    fields: await listCustomFieldsOfAsset(tx, tenantId, assetId, mayReadAdminOnly(role)),
    sources: await listCustomFieldSources(tx, tenantId, assetId),
  }));
}

export type AssetCustomFields = Awaited<ReturnType<typeof readAssetCustomFields>>;
