import type { TenantDb } from "@db/client";
import {
  listDueIntegrations,
  lockIdleIntegration,
  updateIntegration,
} from "@db/queries/connections/connections";
import type { RunRef } from "@domain/refs";
import { columnsOf, schedulesOf, scheduleState } from "@domain/schedule";
import type { ScheduledKind } from "@domain/schedule-limits";
import { queueSync } from "~/features/sync-engine/request-sync";
import { inTransaction } from "~/platform/outbox/in-transaction";
import type { SyncDeps } from "~/platform/ports";

/** The most connections that one tick starts; the others start a minute later. */
const BATCH = 500;

/**
 * Starts the due schedules of all connections: full syncs and comparisons of active alerts. A connection that cannot be
 * started stays due and delays no other.
 * @returns the queued runs
 */
export async function startDueSyncs(deps: SyncDeps): Promise<RunRef[]> {
  const now = deps.clock();
  const started: RunRef[] = [];
  for (const { id, tenantId } of await listDueIntegrations(deps.db, now, BATCH)) {
    try {
      const runIds = await inTransaction(deps, tenantId, (tx) => startDue(tx, deps, tenantId, id, now));
      started.push(...runIds.map((runId) => ({ tenantId, runId })));
    } catch (error) {
      deps.log.error({ tenantId, connectionId: id, err: error }, "scheduled syncs could not be started");
    }
  }
  return started;
}

/**
 * Queues what is due and sets the next due time, in one transaction that locks the connection: of two schedulers, the
 * second one finds nothing due. Skips a connection that is locked (by the end of a run, for example) until the next
 * tick, a minute later.
 */
async function startDue(
  tx: TenantDb,
  deps: SyncDeps,
  tenantId: string,
  connectionId: string,
  now: Date,
): Promise<string[]> {
  const integration = await lockIdleIntegration(tx, tenantId, connectionId);
  if (integration === undefined || integration.status !== "active") return [];
  // The due times of an unavailable provider advance too, so that its connections do not crowd out others.
  const isThere = await deps.hasProvider(tx, tenantId, integration.provider);
  const queued: string[] = [];
  for (const schedule of schedulesOf(integration)) {
    const columns = columnsOf[schedule.kind];
    if (integration[columns.pausedAt] !== null) continue;
    const found = scheduleState(schedule, integration[columns.next], now);
    if (found.state === "waiting") continue;
    await updateIntegration(tx, tenantId, connectionId, { [columns.next]: found.next });
    if (found.state === "misplaced" || !isThere) continue;
    const outcome = await queueSync(
      tx,
      deps,
      integration,
      {
        tenantId,
        connectionId,
        ...requestOf[schedule.kind],
        trigger: "schedule",
        actor: "schedule",
      },
      now,
    );
    if (outcome.state === "queued") queued.push(outcome.run.id);
  }
  return queued;
}

const requestOf = {
  full: { type: "full" },
  alerts: { type: "alerts", activeOnly: true },
} as const satisfies Record<ScheduledKind, object>;
