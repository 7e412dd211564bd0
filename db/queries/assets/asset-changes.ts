import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";

import { queryRows, type Db, type TenantDb } from "../../client";
import { assetChanges, assets, rmmSyncRuns } from "../../schema";

/**
 * Attributes the asset changes in the rest of this transaction to a person. A transaction that holds the lock of a run
 * attributes its changes to that run; see `lockRun`.
 */
export async function attributeChanges(tx: TenantDb, actor: string): Promise<void> {
  await tx.execute(sql`select set_config('plumbline.actor', ${actor}, true)`);
}

/**
 * The fields that people see. Names with an underscore at the start belong to identity keys and the like, which only an
 * undo needs.
 */
const isShown = sql`left(${assetChanges.field}, 1) <> '_'`;

export interface AssetChange {
  id: number;
  assetId: string;
  asset: string;
  field: string;
  before: unknown;
  after: unknown;
  runId: string | null;
  runType: (typeof rmmSyncRuns.$inferSelect)["type"] | null;
  actor: string | null;
  changedAt: Date;
}

export interface AssetChangeFilter {
  assetId?: string;
  runId?: string;
  fields?: readonly string[] | undefined;
}

/** The changes that match, newest first: at most `limit`, after the change `before`. One statement, by index. */
export async function listAssetChanges(
  tx: TenantDb,
  tenantId: string,
  { assetId, runId, fields }: AssetChangeFilter,
  page: { before?: number | undefined; limit: number },
): Promise<AssetChange[]> {
  return tx
    .select({
      id: assetChanges.id,
      assetId: assetChanges.assetId,
      asset: assets.name,
      field: assetChanges.field,
      before: assetChanges.before,
      after: assetChanges.after,
      runId: rmmSyncRuns.id,
      runType: rmmSyncRuns.type,
      actor: assetChanges.actor,
      changedAt: assetChanges.changedAt,
    })
    .from(assetChanges)
    .innerJoin(assets, and(eq(assets.tenantId, assetChanges.tenantId), eq(assets.id, assetChanges.assetId)))
    .leftJoin(
      rmmSyncRuns,
      and(eq(rmmSyncRuns.tenantId, assetChanges.tenantId), eq(rmmSyncRuns.id, assetChanges.runId)),
    )
    .where(
      and(
        eq(assetChanges.tenantId, tenantId),
        isShown,
        assetId === undefined ? undefined : eq(assetChanges.assetId, assetId),
        runId === undefined ? undefined : eq(assetChanges.runId, runId),
        fields === undefined ? undefined : inArray(assetChanges.field, [...fields]),
        page.before === undefined ? undefined : lt(assetChanges.id, page.before),
      ),
    )
    .orderBy(desc(assetChanges.id))
    .limit(page.limit);
}

/** Who or what wrote a field's present value. */
export interface FieldWriter {
  field: string;
  runId: string | null;
  runType: AssetChange["runType"];
  actor: string | null;
  changedAt: Date;
}

/** The last change of each field that has changed since the asset was created; one statement, by index. */
export async function listFieldWriters(
  tx: TenantDb,
  tenantId: string,
  assetId: string,
): Promise<FieldWriter[]> {
  return tx
    .selectDistinctOn([assetChanges.field], {
      field: assetChanges.field,
      runId: rmmSyncRuns.id,
      runType: rmmSyncRuns.type,
      actor: assetChanges.actor,
      changedAt: assetChanges.changedAt,
    })
    .from(assetChanges)
    .leftJoin(
      rmmSyncRuns,
      and(eq(rmmSyncRuns.tenantId, assetChanges.tenantId), eq(rmmSyncRuns.id, assetChanges.runId)),
    )
    .where(and(eq(assetChanges.tenantId, tenantId), eq(assetChanges.assetId, assetId), isShown))
    .orderBy(assetChanges.field, desc(assetChanges.id));
}

/** How many fields a run changed, and of how many assets; one statement. */
export async function countRunChanges(
  tx: TenantDb,
  tenantId: string,
  runId: string,
): Promise<{ changes: number; assets: number }> {
  const [row] = await queryRows<{ changes: number; assets: number }>(
    tx,
    sql`select count(*)::int as changes, count(distinct asset_id)::int as assets
        from asset_changes where tenant_id = ${tenantId} and run_id = ${runId} and ${isShown}`,
  );
  return row!;
}

/** Moves the history of a merged asset to the asset it was merged into; see `returnAssetChanges`. */
export async function moveAssetChanges(
  tx: TenantDb,
  tenantId: string,
  { keptId, mergedId }: { keptId: string; mergedId: string },
): Promise<void> {
  await tx.execute(sql`
    update asset_changes set asset_id = ${keptId}, merged_from = ${mergedId}
    where tenant_id = ${tenantId} and asset_id = ${mergedId}`);
}

/** Returns its history to an asset whose merge is undone. */
export async function returnAssetChanges(
  tx: TenantDb,
  tenantId: string,
  { keptId, mergedId }: { keptId: string; mergedId: string },
): Promise<void> {
  await tx.execute(sql`
    update asset_changes set asset_id = ${mergedId}, merged_from = null
    where tenant_id = ${tenantId} and asset_id = ${keptId} and merged_from = ${mergedId}`);
}

/** Deletes changes made before an instant, of all tenants, oldest first, at most `limit`. Returns how many. */
export async function pruneAssetChanges(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const rows = await queryRows<{ id: number }>(
    db,
    sql`with old as (
          select c.id from tenants t cross join lateral (
            select id from asset_changes
            where tenant_id = t.id and changed_at < ${before.toISOString()}
            order by changed_at limit ${limit + skip}
          ) c order by c.id limit ${limit} offset ${skip}
        )
        delete from asset_changes where id in (select id from old) returning id`,
  );
  return rows.length;
}
