import { sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../client";
import { uuidArray } from "./arrays";

/**
 * Gives the assets and groups of one client to another; what devices last said of their group's client goes along, and
 * so do moves that wait and what people keep their own client over. The groups count as assigned by a person now. Of the
 * connections concerned the mapping's version rises, so that whoever has it open elsewhere is told instead of undoing
 * this, and a sync under way goes by the new client from its next page on. Returns the assets, and how many groups.
 */
export async function moveClientContents(
  tx: TenantDb,
  tenantId: string,
  { from, to, now }: { from: string; to: string; now: Date },
): Promise<{ assets: { assetId: string; name: string }[]; groups: number }> {
  const at = now.toISOString();
  const assets = await queryRows<{ assetId: string; name: string }>(
    tx,
    sql`update assets set client_id = ${to}, updated_at = ${at}
        where tenant_id = ${tenantId} and client_id = ${from} returning id as "assetId", name`,
  );
  await tx.execute(sql`
    update assets set kept_over = kept_over || jsonb_build_object('client', ${to}::text)
    where tenant_id = ${tenantId} and kept_over ->> 'client' = ${from}`);
  const groups = await queryRows<{ integrationId: string }>(
    tx,
    sql`update rmm_organization_mappings set client_id = ${to}, assigned_at = ${at}, updated_at = ${at}
        where tenant_id = ${tenantId} and client_id = ${from} returning integration_id as "integrationId"`,
  );
  await tx.execute(sql`
    update tenant_external_entity_mappings
    set reported = reported || jsonb_build_object('clientId', ${to}::text)
    where tenant_id = ${tenantId} and reported ->> 'clientId' = ${from}`);
  await moveWaitingMoves(tx, tenantId, from, to);
  const integrationIds = [...new Set(groups.map((group) => group.integrationId))];
  await tx.execute(sql`
    update rmm_integrations set mapping_version = mapping_version + 1
    where tenant_id = ${tenantId} and id = any(${uuidArray(integrationIds)})`);
  return { assets, groups: groups.length };
}

/** Moves that are staged or held lead to the other client; those from one of the two to the other are none any more. */
async function moveWaitingMoves(tx: TenantDb, tenantId: string, from: string, to: string): Promise<void> {
  await tx.execute(sql`
    update rmm_held_changes set
      from_value = case when from_value = ${from} then ${to} else from_value end,
      to_value = case when to_value = ${from} then ${to} else to_value end
    where tenant_id = ${tenantId} and kind = 'move' and (from_value = ${from} or to_value = ${from})`);
  await tx.execute(sql`
    delete from rmm_held_changes where tenant_id = ${tenantId} and kind = 'move' and from_value = to_value`);
}
