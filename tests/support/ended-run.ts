import { sql } from "drizzle-orm";

import { queryRows, withTenant, type Db } from "@db/client";
import { insertIssues } from "@db/queries/sync-runs/runs";

const DAY = 24 * 60 * 60_000;

/** How a run ended, as far as the tests need it. */
export interface EndedRun {
  endedDaysAgo?: number;
  trigger?: "manual" | "schedule";
  status?: "completed" | "failed" | "cancelled" | "running";
  durationS?: number;
  failedDevices?: string[];
}

let made = 0;

/** A full run that has ended, with one page and its failed devices. */
export async function makeEndedRun(
  db: Db,
  { tenantId, connectionId, now }: { tenantId: string; connectionId: string; now: Date },
  run: EndedRun = {},
): Promise<string> {
  const { endedDaysAgo = 1, trigger = "manual", status = "completed", durationS = 60 } = run;
  const endedAt = new Date(now.getTime() - endedDaysAgo * DAY);
  const at = (date: Date) => date.toISOString();
  const startedAt = new Date(endedAt.getTime() - durationS * 1000);
  const [row] = await queryRows<{ id: string }>(
    db,
    sql`insert into rmm_sync_runs (id, tenant_id, integration_id, type, trigger, actor, key, transport, status,
          pages, items_seen, items_failed, summary, requested_at, started_at, ended_at)
        values (gen_random_uuid(), ${tenantId}, ${connectionId}, 'full', ${trigger}, 'somebody', ${`key-${++made}`},
          'inngest', ${status}, 1, 10, ${run.failedDevices?.length ?? 0}::int, '{"devices": {"seen": 10}}',
          ${at(startedAt)}, ${at(startedAt)}, ${status === "running" ? null : at(endedAt)})
        returning id`,
  );
  const runId = row!.id;
  await db.execute(sql`
    insert into rmm_sync_run_pages (tenant_id, run_id, resource, walk, sequence, is_last, ids_seen, seen)
    values (${tenantId}, ${runId}, 'devices', 0, 0, true, '{}', 10)`);
  const issue = (
    resource: "devices" | "updates",
    severity: "record" | "field",
    externalId: string | null,
  ) => ({
    resource,
    severity,
    externalId,
    name: null,
    field: null,
    reason: "cannot be read",
  });
  await withTenant(db, tenantId, (tx) =>
    insertIssues(tx, tenantId, runId, [
      ...(run.failedDevices ?? []).map((id) => issue("devices", "record", id)),
      // None of these counts as a failed device.
      issue("devices", "field", "only-a-field"),
      issue("devices", "record", null),
      issue("updates", "record", "an-update"),
    ]),
  );
  return runId;
}
