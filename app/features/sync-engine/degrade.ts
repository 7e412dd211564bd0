import { sql } from "drizzle-orm";

import type { TenantDb } from "@db/client";
import type { RunRow } from "@db/queries/sync-runs/runs";

/**
 * Notes on a run that a part of it could not be had or was held, while the rest goes on. One note a resource and kind:
 * a repeated step replaces its own.
 */
export async function noteDegraded(
  tx: TenantDb,
  run: Pick<RunRow, "tenantId" | "id">,
  note: RunRow["degraded"][number],
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set degraded =
      (select coalesce(jsonb_agg(n), '[]'::jsonb) from jsonb_array_elements(degraded) n
       where n->>'resource' <> ${note.resource} or n->>'kind' is distinct from ${note.kind ?? null})
      || jsonb_build_array(${JSON.stringify(note)}::text::jsonb)
    where tenant_id = ${run.tenantId} and id = ${run.id}`);
}
