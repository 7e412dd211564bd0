import type { TenantDb } from "@db/client";
import { sumPages } from "@db/queries/sync-runs/run-pages";
import { getRun, updateOpenRun, type RunRow } from "@db/queries/sync-runs/runs";
import { headlineOf, type SyncResource } from "@domain/sync-words";

/**
 * Adds to a run's count of gone records, which no page counts. Call it in the transaction that marked them, which has
 * locked the run: a repeated step finds none and adds nothing.
 */
export async function noteGone(
  tx: TenantDb,
  { tenantId, id }: Pick<RunRow, "tenantId" | "id">,
  resource: SyncResource,
  gone: number,
): Promise<void> {
  if (gone === 0) return;
  const run = (await getRun(tx, tenantId, id))!;
  const totals = (await sumPages(tx, tenantId, id)).find((total) => total.resource === resource)!;
  const { resource: _, complete: __, ...counts } = totals;
  const goneInAll = (run.summary?.[resource]?.gone ?? 0) + gone;
  await updateOpenRun(tx, tenantId, id, {
    summary: { ...run.summary, [resource]: { ...counts, gone: goneInAll, held: 0 } },
    ...(headlineOf[run.type] === resource && { itemsGone: goneInAll }),
  });
}
