import { and, desc, eq, inArray, sql } from "drizzle-orm";

import type { SyncResource } from "../../../domain/sync-words";
import { queryRows, type Db, type TenantDb } from "../../client";
import { rmmIgnoredRecords, rmmSyncRunErrors, rmmSyncRuns } from "../../schema";

interface ConnectionScope {
  tenantId: string;
  connectionId: string;
}

/** Which of these fingerprints are ignored. One statement; none for an empty list. */
export async function findIgnored(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionScope,
  resource: SyncResource,
  fingerprints: string[],
): Promise<Set<string>> {
  if (fingerprints.length === 0) return new Set();
  const rows = await tx
    .select({ fingerprint: rmmIgnoredRecords.fingerprint })
    .from(rmmIgnoredRecords)
    .where(
      and(
        eq(rmmIgnoredRecords.tenantId, tenantId),
        eq(rmmIgnoredRecords.connectionId, connectionId),
        eq(rmmIgnoredRecords.resource, resource),
        inArray(rmmIgnoredRecords.fingerprint, fingerprints),
      ),
    );
  return new Set(rows.map((row) => row.fingerprint));
}

/** A record that a run could not store, with its connection; undefined if there is none. */
export async function findFailedRecord(
  tx: TenantDb,
  tenantId: string,
  { runId, issueId }: { runId: string; issueId: string },
) {
  const [row] = await tx
    .select({
      connectionId: rmmSyncRuns.connectionId,
      resource: rmmSyncRunErrors.resource,
      fingerprint: rmmSyncRunErrors.fingerprint,
      externalId: rmmSyncRunErrors.externalId,
      name: rmmSyncRunErrors.name,
      reason: rmmSyncRunErrors.reason,
    })
    .from(rmmSyncRunErrors)
    .innerJoin(
      rmmSyncRuns,
      and(eq(rmmSyncRuns.tenantId, rmmSyncRunErrors.tenantId), eq(rmmSyncRuns.id, rmmSyncRunErrors.runId)),
    )
    .where(
      and(
        eq(rmmSyncRunErrors.tenantId, tenantId),
        eq(rmmSyncRunErrors.runId, runId),
        eq(rmmSyncRunErrors.id, issueId),
        eq(rmmSyncRunErrors.severity, "record"),
      ),
    );
  return row;
}

/** Ignores a record. Returns false if it is already ignored. */
export async function insertIgnored(
  tx: TenantDb,
  row: typeof rmmIgnoredRecords.$inferInsert,
): Promise<boolean> {
  const inserted = await tx
    .insert(rmmIgnoredRecords)
    .values(row)
    .onConflictDoNothing()
    .returning({ id: rmmIgnoredRecords.id });
  return inserted.length > 0;
}

/** Stops ignoring a record. Returns it; undefined if it was not ignored. */
export async function deleteIgnored(tx: TenantDb, { tenantId, connectionId }: ConnectionScope, id: string) {
  const [row] = await tx
    .delete(rmmIgnoredRecords)
    .where(
      and(
        eq(rmmIgnoredRecords.tenantId, tenantId),
        eq(rmmIgnoredRecords.connectionId, connectionId),
        eq(rmmIgnoredRecords.id, id),
      ),
    )
    .returning();
  return row;
}

/** The ignored records of a connection, latest first, at most `limit`. */
export const listIgnored = (tx: TenantDb, { tenantId, connectionId }: ConnectionScope, limit: number) =>
  tx
    .select({
      id: rmmIgnoredRecords.id,
      resource: rmmIgnoredRecords.resource,
      externalId: rmmIgnoredRecords.externalId,
      name: rmmIgnoredRecords.name,
      reason: rmmIgnoredRecords.reason,
      note: rmmIgnoredRecords.note,
      actor: rmmIgnoredRecords.actor,
      createdAt: rmmIgnoredRecords.createdAt,
    })
    .from(rmmIgnoredRecords)
    .where(and(eq(rmmIgnoredRecords.tenantId, tenantId), eq(rmmIgnoredRecords.connectionId, connectionId)))
    .orderBy(desc(rmmIgnoredRecords.id))
    .limit(limit);

/**
 * Deletes records that were ignored before an instant and that no stored run has seen since, if a full sync has ended
 * since: they have left the RMM, or have changed. Over all tenants, at most `limit`. Returns how many.
 */
export async function pruneIgnored(
  db: Db,
  before: Date,
  { limit, skip = 0 }: { limit: number; skip?: number },
): Promise<number> {
  const since = before.toISOString();
  const rows = await queryRows(
    db,
    sql`delete from rmm_ignored_records where id in (
          select i.id from rmm_ignored_records i
          where i.created_at < ${since}
            and exists (
              select from rmm_sync_runs r
              where r.tenant_id = i.tenant_id and r.integration_id = i.integration_id and r.type = 'full'
                and r.status in ('completed', 'completed_with_errors') and r.ended_at >= ${since})
            and not exists (
              select from rmm_sync_runs r join rmm_sync_run_errors e on e.run_id = r.id
              where r.tenant_id = i.tenant_id and r.integration_id = i.integration_id
                and e.resource = i.resource and e.fingerprint = i.fingerprint)
          order by i.id limit ${limit} offset ${skip})
        returning 1`,
  );
  return rows.length;
}
