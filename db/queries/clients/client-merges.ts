import { and, desc, eq, gt, isNull, lte, or } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { clientMerges } from "../../schema";

export type ClientMerge = typeof clientMerges.$inferSelect;

/** Stores what a merge moved, and deletes merges that are too old to be undone. */
export async function insertClientMerge(
  tx: TenantDb,
  row: typeof clientMerges.$inferInsert,
  undoableSince: Date,
): Promise<void> {
  await tx
    .delete(clientMerges)
    .where(and(eq(clientMerges.tenantId, row.tenantId), lte(clientMerges.mergedAt, undoableSince)));
  await tx.insert(clientMerges).values(row);
}

/** The merges of a client, in either role, that can still be undone; latest first. */
export const listClientMerges = (tx: TenantDb, tenantId: string, clientId: string, since: Date) =>
  tx
    .select()
    .from(clientMerges)
    .where(
      and(
        eq(clientMerges.tenantId, tenantId),
        or(eq(clientMerges.fromClientId, clientId), eq(clientMerges.intoClientId, clientId)),
        isNull(clientMerges.undoneAt),
        gt(clientMerges.mergedAt, since),
      ),
    )
    .orderBy(desc(clientMerges.mergedAt));

/** The merge of two clients with this id if it was made after `since` and not undone; otherwise undefined. */
export async function getClientMerge(
  tx: TenantDb,
  tenantId: string,
  id: string,
  since: Date,
): Promise<ClientMerge | undefined> {
  const [row] = await tx
    .select()
    .from(clientMerges)
    .where(
      and(
        eq(clientMerges.tenantId, tenantId),
        eq(clientMerges.id, id),
        isNull(clientMerges.undoneAt),
        gt(clientMerges.mergedAt, since),
      ),
    );
  return row;
}

/** Records that a merge of clients was undone. */
export async function markClientMergeUndone(
  tx: TenantDb,
  tenantId: string,
  id: string,
  now: Date,
): Promise<void> {
  await tx
    .update(clientMerges)
    .set({ undoneAt: now })
    .where(and(eq(clientMerges.tenantId, tenantId), eq(clientMerges.id, id)));
}
