import { and, asc, eq, gt, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { rmmSyncRunErrors } from "../../schema";

/**
 * The records and fields of a run that could not be stored, in the order in which they occurred.
 * @param page `after`: the id of the last issue already read
 */
export async function listIssues(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  page: { after?: string; limit: number },
) {
  return tx
    .select({
      id: rmmSyncRunErrors.id,
      resource: rmmSyncRunErrors.resource,
      severity: rmmSyncRunErrors.severity,
      externalId: rmmSyncRunErrors.externalId,
      name: rmmSyncRunErrors.name,
      field: rmmSyncRunErrors.field,
      reason: rmmSyncRunErrors.reason,
      isIgnored: rmmSyncRunErrors.isIgnored,
      mayBeIgnored: sql<boolean>`${rmmSyncRunErrors.fingerprint} is not null`,
    })
    .from(rmmSyncRunErrors)
    .where(
      and(
        eq(rmmSyncRunErrors.tenantId, tenantId),
        eq(rmmSyncRunErrors.runId, runId),
        page.after === undefined ? undefined : gt(rmmSyncRunErrors.id, page.after),
      ),
    )
    .orderBy(asc(rmmSyncRunErrors.id))
    .limit(page.limit);
}

/** How many records and fields of a run could not be stored, and how many of the records a person ignores. */
export async function countIssues(tx: TenantDb, tenantId: string, runId: string) {
  const [total] = await tx
    .select({
      records: sql<number>`count(*) filter (where ${rmmSyncRunErrors.severity} = 'record' and not ${rmmSyncRunErrors.isIgnored})::int`,
      ignored: sql<number>`count(*) filter (where ${rmmSyncRunErrors.isIgnored})::int`,
      fields: sql<number>`count(*) filter (where ${rmmSyncRunErrors.severity} = 'field')::int`,
    })
    .from(rmmSyncRunErrors)
    .where(and(eq(rmmSyncRunErrors.tenantId, tenantId), eq(rmmSyncRunErrors.runId, runId)));
  return total ?? { records: 0, ignored: 0, fields: 0 };
}
