import { and, desc, eq, inArray, lt, sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import type { RunStatus, SyncResource } from "../../../domain/sync-words";
import { queryPrepared, queryRows, type Db, type TenantDb } from "../../client";
import { rmmSyncRuns } from "../../schema";

export type RunRow = typeof rmmSyncRuns.$inferSelect;
export type NewRun = typeof rmmSyncRuns.$inferInsert;

const inFlight: RunStatus[] = ["queued", "running"];

/** Inserts a queued run. Does nothing and returns undefined if a run of its kind is open. */
export async function insertRun(tx: TenantDb, row: NewRun): Promise<RunRow | undefined> {
  const [inserted] = await insertRuns(tx, [row]);
  return inserted;
}

/**
 * Inserts queued runs in one statement. Returns those inserted, which leaves out runs of a kind that is already open.
 */
export const insertRuns = (tx: TenantDb, rows: NewRun[]): Promise<RunRow[]> =>
  tx.insert(rmmSyncRuns).values(rows).onConflictDoNothing().returning();

/** The open run of this connection, type and target, which a second request joins; undefined if there is none. */
export async function findRunInFlight(
  tx: TenantDb,
  tenantId: string,
  run: Pick<RunRow, "connectionId" | "type" | "targetExternalId">,
): Promise<RunRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmSyncRuns)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.connectionId, run.connectionId),
        eq(rmmSyncRuns.type, run.type),
        eq(rmmSyncRuns.targetExternalId, run.targetExternalId),
        inArray(rmmSyncRuns.status, inFlight),
      ),
    );
  return row;
}

/**
 * Records on a device run that the provider reported the deletion of its device. Undefined if the run is not queued any
 * more.
 */
export async function noteReportedGone(
  tx: TenantDb,
  tenantId: string,
  runId: string,
): Promise<RunRow | undefined> {
  const [row] = await tx
    .update(rmmSyncRuns)
    .set({ isReportedGone: true })
    .where(
      and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId), eq(rmmSyncRuns.status, "queued")),
    )
    .returning();
  return row;
}

/** The runs of a connection that have not ended. */
export async function listOpenRuns(tx: TenantDb, tenantId: string, connectionId: string): Promise<RunRow[]> {
  return tx
    .select()
    .from(rmmSyncRuns)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.connectionId, connectionId),
        inArray(rmmSyncRuns.status, inFlight),
      ),
    );
}

/** The tenant's run with this id, or undefined. */
export async function getRun(tx: TenantDb, tenantId: string, runId: string): Promise<RunRow | undefined> {
  const [row] = await tx
    .select()
    .from(rmmSyncRuns)
    .where(and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId)));
  return row;
}

export interface RunListFilter {
  connectionId: string | undefined;
  type: RunRow["type"] | undefined;
  status: RunRow["status"] | undefined;
}

/** The runs that match, newest first: at most `limit`, after the run `before`. Ids sort by the time of creation. */
export async function listRunsById(
  tx: TenantDb,
  tenantId: string,
  { connectionId, type, status }: RunListFilter,
  page: { before: string | undefined; limit: number },
): Promise<RunRow[]> {
  return tx
    .select()
    .from(rmmSyncRuns)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        connectionId === undefined ? undefined : eq(rmmSyncRuns.connectionId, connectionId),
        type === undefined ? undefined : eq(rmmSyncRuns.type, type),
        status === undefined ? undefined : eq(rmmSyncRuns.status, status),
        page.before === undefined ? undefined : lt(rmmSyncRuns.id, page.before),
      ),
    )
    .orderBy(desc(rmmSyncRuns.id))
    .limit(page.limit);
}

/** Changes a run that has not ended. Returns it; undefined if it has ended. */
export async function updateOpenRun(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  set: Partial<RunRow>,
): Promise<RunRow | undefined> {
  const [row] = await tx
    .update(rmmSyncRuns)
    .set(set)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        eq(rmmSyncRuns.id, runId),
        inArray(rmmSyncRuns.status, inFlight),
      ),
    )
    .returning();
  return row;
}

export interface RunLock {
  status: RunStatus;
  cancel_requested: boolean;
  integration_active: boolean;
  mapping_version: number;
  provider: string;
}

/**
 * Locks the run and its connection, so that pages of a full sync and device runs of one account are written one after
 * the other and never race for the same device. Must be the first statement of a page's transaction. Attributes the
 * asset changes of the transaction to the run.
 */
export async function lockRun(tx: TenantDb, tenantId: string, runId: string): Promise<RunLock | undefined> {
  const [row] = await queryPrepared<RunLock>(
    tx,
    sql`select r.status, r.cancel_requested_at is not null as cancel_requested,
               i.status <> 'disconnected' as integration_active, i.mapping_version, i.provider,
               set_config('plumbline.run_id', r.id::text, true)
        from rmm_sync_runs r join rmm_integrations i on i.tenant_id = r.tenant_id and i.id = r.integration_id
        where r.tenant_id = ${tenantId} and r.id = ${runId}
        for no key update of i, r`,
  );
  return row;
}

export interface IssueRow {
  resource: SyncResource;
  severity: "record" | "field";
  externalId: string | null;
  name: string | null;
  field: string | null;
  reason: string;
  fingerprint?: string;
  isIgnored?: boolean;
}

/** Records what could not be stored, and why; one statement. Ids sort in the order of occurrence. */
export async function insertIssues(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  issues: IssueRow[],
): Promise<void> {
  if (issues.length === 0) return;
  const rows = issues.map((issue) => ({ ...issue, id: uuidv7() }));
  await tx.execute(sql`
    insert into rmm_sync_run_errors (id, tenant_id, run_id, resource, severity, external_id, name, field, reason,
      fingerprint, is_ignored)
    select r.id, ${tenantId}, ${runId}, r.resource, r.severity, r."externalId", r.name, r.field, r.reason,
      r.fingerprint, coalesce(r."isIgnored", false)
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
      as r(id uuid, resource text, severity text, "externalId" text, name text, field text, reason text,
        fingerprint text, "isIgnored" boolean)`);
}

export interface SilentRun {
  id: string;
  tenantId: string;
  status: RunStatus;
  requestedMs: number;
  isCancelled: boolean;
}

/** The most silent runs of each kind that one call returns. */
const SILENT_AT_ONCE = 500;

/**
 * Runs without a sign of life, over all tenants: running and silent since `silentSince`, or queued since before
 * `queuedSince`. Each kind has its own limit, so that many queued runs cannot hide those that died. For the reaper.
 */
export async function listSilentRuns(db: Db, silentSince: Date, queuedSince: Date): Promise<SilentRun[]> {
  const columns = sql`id, tenant_id as "tenantId", status,
    (extract(epoch from requested_at) * 1000)::float8 as "requestedMs", cancel_requested_at is not null as "isCancelled"`;
  return queryRows<SilentRun>(
    db,
    sql`(select ${columns} from rmm_sync_runs
         where status = 'running'
           and greatest(heartbeat_at, started_at, waiting_until) < ${silentSince.toISOString()}
         order by requested_at limit ${SILENT_AT_ONCE})
        union all
        (select ${columns} from rmm_sync_runs
         where status = 'queued' and requested_at < ${queuedSince.toISOString()}
         order by requested_at limit ${SILENT_AT_ONCE})`,
  );
}

/** Whether any run of any tenant has shown a sign of life since an instant, or waits for its RMM. For the reaper. */
export async function isAnyRunAlive(db: Db, since: Date, now: Date): Promise<boolean> {
  const rows = await queryRows(
    db,
    sql`select 1 from rmm_sync_runs
        where heartbeat_at between ${since.toISOString()} and ${now.toISOString()}
           or (status = 'running' and waiting_until >= ${since.toISOString()})
        limit 1`,
  );
  return rows.length > 0;
}

/**
 * Records on an ended run how many of its held changes a person has decided, and how many devices are gone because of
 * that.
 */
export async function subtractDecided(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  decided: { changes: number; gone: number },
): Promise<void> {
  await tx
    .update(rmmSyncRuns)
    .set({
      itemsHeld: sql`greatest(0, ${rmmSyncRuns.itemsHeld} - ${decided.changes}::int)`,
      itemsGone: sql`${rmmSyncRuns.itemsGone} + ${decided.gone}::int`,
    })
    .where(and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId)));
}

/** The number of the account's devices that are not gone, which the next sweep is expected to list. */
export async function countLiveDevices(
  tx: TenantDb,
  tenantId: string,
  connectionId: string,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from tenant_external_entity_mappings
        where tenant_id = ${tenantId} and integration_id = ${connectionId} and gone_at is null`,
  );
  return row?.n ?? 0;
}

/**
 * Counts a finished step of the run, with the calls that no page has counted, and renews its heartbeat. Marks a durable
 * run as waiting for its turn: behind a thousand others in an Inngest server's queue, that can take longer than a run
 * may be silent.
 */
export async function countStep(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  step: { requests: number; retries: number; rateLimits: number; rateLimitedMs: number },
  waiting: { until: Date; reason: string } | null,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set heartbeat_at = ${now.toISOString()}, steps = steps + 1,
      requests = requests + ${step.requests}::int, retries = retries + ${step.retries}::int,
      rate_limits = rate_limits + ${step.rateLimits}::int,
      rate_limited_ms = rate_limited_ms + ${Math.round(step.rateLimitedMs)}::int,
      waiting_until = coalesce(${waiting?.until.toISOString() ?? null}::timestamptz,
        case when transport = 'inngest' then ${now.toISOString()}::timestamptz end), waiting_reason = ${waiting?.reason ?? null}
    where tenant_id = ${tenantId} and id = ${runId} and status = 'running'`);
}

/** Records that a process is working on a run. */
export async function touchHeartbeat(
  tx: TenantDb,
  tenantId: string,
  runId: string,
  now: Date,
): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set heartbeat_at = greatest(heartbeat_at, ${now.toISOString()})
    where tenant_id = ${tenantId} and id = ${runId} and status = 'running'`);
}

/** Adds to the number of devices that a run found gone. */
export async function countGone(tx: TenantDb, tenantId: string, runId: string, gone: number): Promise<void> {
  await tx.execute(sql`
    update rmm_sync_runs set items_gone = items_gone + ${gone}::int
    where tenant_id = ${tenantId} and id = ${runId} and status = 'running'`);
}

/** The tenant's latest runs, newest first, at most `limit`. */
export async function listRecentRuns(tx: TenantDb, tenantId: string, limit: number): Promise<RunRow[]> {
  return tx
    .select()
    .from(rmmSyncRuns)
    .where(eq(rmmSyncRuns.tenantId, tenantId))
    .orderBy(desc(rmmSyncRuns.requestedAt), desc(rmmSyncRuns.id))
    .limit(limit);
}

/**
 * Notes on a run that it could not read a part, or held it, while the rest continued. One note for each resource and
 * kind: a repeated step replaces its own note.
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
