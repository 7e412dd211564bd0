import { sql, type SQL, and, eq } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { assets } from "../../schema";
import { uuidArray } from "../shared/arrays";
import { forgetForeignParts, moveClientParts, returnClientParts, type MovedParts } from "./client-part-moves";

/**
 * Moves the assets, groups, sites and contacts of one client to another, and redirects the client that devices last
 * reported, pending moves, and dismissed values. The groups count as assigned by a person. Raises the mapping's version
 * of each connection concerned, so that saving an open mapping page cannot undo the move, and a running sync uses the
 * new client from its next page on. Returns what it moved.
 */
export async function moveClientContents(
  tx: TenantDb,
  tenantId: string,
  { from, to, now }: { from: string; to: string; now: Date },
): Promise<MovedContents> {
  const at = now.toISOString();
  const parts = await moveClientParts(tx, tenantId, { from, to });
  const assets = await queryRows<{ assetId: string; name: string }>(
    tx,
    sql`update assets set client_id = ${to}, updated_at = ${at}
        where tenant_id = ${tenantId} and client_id = ${from} returning id as "assetId", name`,
  );
  const dismissedValues = await idsOf(
    tx,
    sql`update assets set kept_over = kept_over || jsonb_build_object('client', ${to}::text)
        where tenant_id = ${tenantId} and kept_over ->> 'client' = ${from} returning id`,
  );
  const groups = await queryRows<{ id: string; connectionId: string }>(
    tx,
    sql`update rmm_organization_mappings set client_id = ${to}, assigned_at = ${at}, updated_at = ${at}
        where tenant_id = ${tenantId} and client_id = ${from} returning id, integration_id as "connectionId"`,
  );
  const deviceRows = await idsOf(
    tx,
    sql`update tenant_external_entity_mappings
        set reported = reported || jsonb_build_object('clientId', ${to}::text)
        where tenant_id = ${tenantId} and reported ->> 'clientId' = ${from} returning id`,
  );
  const waiting = await moveWaitingMoves(tx, tenantId, from, to);
  await raiseMappingVersions(tx, tenantId, groups);
  return { assets, groups: groups.map(({ id }) => id), dismissedValues, deviceRows, parts, ...waiting };
}

/** What a merge moved, as the ids of the rows. */
export interface MovedContents {
  assets: { assetId: string; name: string }[];
  groups: string[];
  dismissedValues: string[];
  deviceRows: string[];
  parts: MovedParts;
  movesFrom: string[];
  movesTo: string[];
}

const idsOf = async (tx: TenantDb, statement: SQL): Promise<string[]> =>
  (await queryRows<{ id: string }>(tx, statement)).map(({ id }) => id);

async function raiseMappingVersions(
  tx: TenantDb,
  tenantId: string,
  groups: { connectionId: string }[],
): Promise<void> {
  const connectionIds = [...new Set(groups.map((group) => group.connectionId))];
  await tx.execute(sql`
    update rmm_integrations set mapping_version = mapping_version + 1
    where tenant_id = ${tenantId} and id = any(${uuidArray(connectionIds)})`);
}

/** Moves back every row that is still where the merge put it. Returns the assets and the number of groups. */
export async function returnClientContents(
  tx: TenantDb,
  tenantId: string,
  moved: Omit<MovedContents, "assets"> & { assets: string[] },
  { from, into, now }: { from: string; into: string; now: Date },
): Promise<{ assets: { assetId: string; name: string }[]; groups: number }> {
  const at = now.toISOString();
  const { assets: assetIds, groups: groupIds } = moved;
  await returnClientParts(tx, tenantId, moved.parts, { from, into, assets: assetIds, groups: groupIds });
  const assets = await queryRows<{ assetId: string; name: string }>(
    tx,
    sql`update assets set client_id = ${from}, updated_at = ${at}
        where tenant_id = ${tenantId} and client_id = ${into} and id = any(${uuidArray(moved.assets)})
        returning id as "assetId", name`,
  );
  await tx.execute(sql`
    update assets set kept_over = kept_over || jsonb_build_object('client', ${from}::text)
    where tenant_id = ${tenantId} and kept_over ->> 'client' = ${into} and id = any(${uuidArray(moved.dismissedValues)})`);
  const groups = await queryRows<{ connectionId: string }>(
    tx,
    sql`update rmm_organization_mappings set client_id = ${from}, assigned_at = ${at}, updated_at = ${at}
        where tenant_id = ${tenantId} and client_id = ${into} and id = any(${uuidArray(moved.groups)})
        returning integration_id as "connectionId"`,
  );
  await tx.execute(sql`
    update tenant_external_entity_mappings
    set reported = reported || jsonb_build_object('clientId', ${from}::text)
    where tenant_id = ${tenantId} and reported ->> 'clientId' = ${into} and id = any(${uuidArray(moved.deviceRows)})`);
  for (const [column, ids] of [
    ["from_value", moved.movesFrom],
    ["to_value", moved.movesTo],
  ] as const) {
    await tx.execute(sql`
      update rmm_held_changes set ${sql.identifier(column)} = ${from}
      where tenant_id = ${tenantId} and kind = 'move' and ${sql.identifier(column)} = ${into}
        and id = any(${uuidArray(ids)})`);
  }
  await forgetForeignParts(tx, tenantId, [from, into]);
  await raiseMappingVersions(tx, tenantId, groups);
  return { assets, groups: groups.length };
}

/** Redirects staged and held moves to the other client, and deletes those between the two. */
async function moveWaitingMoves(
  tx: TenantDb,
  tenantId: string,
  from: string,
  to: string,
): Promise<Pick<MovedContents, "movesFrom" | "movesTo">> {
  const lead = (column: "from_value" | "to_value") =>
    idsOf(
      tx,
      sql`update rmm_held_changes set ${sql.identifier(column)} = ${to}
          where tenant_id = ${tenantId} and kind = 'move' and ${sql.identifier(column)} = ${from} returning id`,
    );
  const moved = { movesFrom: await lead("from_value"), movesTo: await lead("to_value") };
  await tx.execute(sql`
    delete from rmm_held_changes where tenant_id = ${tenantId} and kind = 'move' and from_value = to_value`);
  return moved;
}

/** The number of a client's assets in each state, and of the servers among the active ones. */
export async function countAssetsOfClient(tx: TenantDb, tenantId: string, clientId: string) {
  const [counts] = await tx
    .select({
      current: sql<number>`count(*) filter (where ${assets.status} = 'active')::int`,
      servers: sql<number>`count(*) filter (where ${assets.status} = 'active' and ${assets.assetType} = 'server')::int`,
      gone: sql<number>`count(*) filter (where ${assets.status} = 'gone')::int`,
      retired: sql<number>`count(*) filter (where ${assets.status} = 'retired')::int`,
    })
    .from(assets)
    .where(and(eq(assets.tenantId, tenantId), eq(assets.clientId, clientId)));
  return counts!;
}
