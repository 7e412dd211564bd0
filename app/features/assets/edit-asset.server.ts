import { withTenant, type TenantDb } from "@db/client";
import { attributeChanges } from "@db/queries/assets/asset-changes";
import { hasDevice, lockAsset, updateAsset } from "@db/queries/assets/assets";
import { audit, findLastAudit } from "@db/queries/audit/audit";
import { getClient } from "@db/queries/clients/clients";
import { changedFields, fieldsOf, stored, type AssetFields, type EditableField } from "@domain/asset-fields";
import { assetChangesSince } from "@domain/asset-version";
import { hostnameKey } from "@domain/identity";
import type { Stale } from "@domain/shown-version";
import type { Actor } from "@domain/actor";
import { recordMoves } from "~/platform/audit-moves";
import type { SyncDeps } from "~/platform/ports";

export type EditAssetOutcome =
  | { state: "saved"; changed: EditableField[] }
  /** Somebody else, or a sync, changed it meanwhile; nothing was written. */
  | Stale
  | { state: "unknown_asset" }
  | { state: "unknown_client" }
  | { state: "archived_client" };

/**
 * Sets what a person says of an asset, and has the fields that changed held: no sync touches them any more.
 * @param expectedVersion what the person looked at, see `assetVersion`
 */
export async function editAsset(
  deps: Pick<SyncDeps, "db" | "clock">,
  { tenantId, assetId }: { tenantId: string; assetId: string },
  fields: AssetFields,
  expectedVersion: string,
  actor: Actor,
): Promise<EditAssetOutcome> {
  return withTenant(deps.db, tenantId, async (tx): Promise<EditAssetOutcome> => {
    const row = await lockAsset(tx, tenantId, assetId);
    if (row === undefined) return { state: "unknown_asset" };
    const before = fieldsOf(row);
    const since = assetChangesSince(expectedVersion, before, row.overriddenFields);
    if (since.length > 0) return { state: "stale", fields: since, by: await changedBy(tx, row, since) };
    const changed = changedFields(before, fields);
    if (changed.length === 0) return { state: "saved", changed };
    const names = { from: await clientName(tx, tenantId, before.client), to: null as string | null };
    if (changed.includes("client") && fields.client !== null) {
      const client = await getClient(tx, tenantId, fields.client);
      if (client === undefined) return { state: "unknown_client" };
      if (client.archivedAt !== null) return { state: "archived_client" };
      names.to = client.name;
    }
    await attributeChanges(tx, actor.name);
    await updateAsset(
      tx,
      tenantId,
      assetId,
      {
        ...stored(fields),
        overriddenFields: [...new Set([...row.overriddenFields, ...changed])],
        // Of a machine that no RMM told of, the name is all that is known of its hostname.
        ...(changed.includes("name") && !(await hasDevice(tx, tenantId, assetId))
          ? { hostnameKey: hostnameKey(fields.name) }
          : {}),
      },
      deps.clock(),
    );
    await audit(tx, tenantId, actor, {
      action: "asset.edited",
      targetType: "asset",
      targetId: assetId,
      details: {
        asset: row.name,
        ...Object.fromEntries(
          changed.map((field) => [
            field,
            field === "client" ? names : { from: before[field], to: fields[field] },
          ]),
        ),
      },
    });
    if (changed.includes("client")) {
      const move = { assetId, name: fields.name, fromClientId: before.client, toClientId: fields.client };
      await recordMoves(tx, tenantId, [move], actor);
    }
    return { state: "saved", changed };
  });
}

/** Who changed one of these fields; null when it was a sync, which changes only what nobody has set by hand. */
async function changedBy(
  tx: TenantDb,
  asset: { id: string; tenantId: string; overriddenFields: string[] },
  fields: string[],
): Promise<string | null> {
  if (!fields.some((field) => asset.overriddenFields.includes(field))) return null;
  const last = await findLastAudit(tx, asset.tenantId, { actions: ["asset.edited"], targetId: asset.id });
  return fields.some((field) => last?.details[field] !== undefined) ? last!.actor : null;
}

async function clientName(tx: TenantDb, tenantId: string, clientId: string | null): Promise<string | null> {
  return clientId === null ? null : ((await getClient(tx, tenantId, clientId))?.name ?? null);
}
