import { and, asc, count, desc, eq, gt, inArray, ne, sql } from "drizzle-orm";

import { withTenant, type Db, type TenantDb } from "@db/client";
import { wasReceivedBy } from "@db/queries/alerts/alert-polls";
import { countHeldByKind } from "@db/queries/review/review";
import { byName } from "@db/queries/shared/by-name";
import { listFailedRecords } from "@db/queries/sync-runs/run-history";
import { sumPages } from "@db/queries/sync-runs/run-pages";
import { runTarget } from "@db/queries/sync-runs/run-target";
import { rmmIntegrations, rmmSyncRunErrors, rmmSyncRuns } from "@db/schema";
import type { ResourceCounts, SyncResource } from "@domain/sync-words";

/** What a list shows of a run. */
const runColumns = {
  id: rmmSyncRuns.id,
  integrationId: rmmSyncRuns.integrationId,
  integration: rmmIntegrations.label,
  type: rmmSyncRuns.type,
  target: runTarget,
  trigger: rmmSyncRuns.trigger,
  actor: rmmSyncRuns.actor,
  status: rmmSyncRuns.status,
  stage: rmmSyncRuns.stage,
  pages: rmmSyncRuns.pages,
  itemsSeen: rmmSyncRuns.itemsSeen,
  itemsCreated: rmmSyncRuns.itemsCreated,
  itemsUpdated: rmmSyncRuns.itemsUpdated,
  itemsUnchanged: rmmSyncRuns.itemsUnchanged,
  itemsSkipped: rmmSyncRuns.itemsSkipped,
  itemsFailed: rmmSyncRuns.itemsFailed,
  itemsIgnored: rmmSyncRuns.itemsIgnored,
  itemsGone: rmmSyncRuns.itemsGone,
  itemsHeld: rmmSyncRuns.itemsHeld,
  expectedItems: rmmSyncRuns.expectedItems,
  errorMessage: rmmSyncRuns.errorMessage,
  waitingUntil: rmmSyncRuns.waitingUntil,
  waitingReason: rmmSyncRuns.waitingReason,
  cancelRequestedAt: rmmSyncRuns.cancelRequestedAt,
  requestedAt: rmmSyncRuns.requestedAt,
  startedAt: rmmSyncRuns.startedAt,
  endedAt: rmmSyncRuns.endedAt,
};

export type RunSummary = Awaited<ReturnType<typeof latestRuns>>[number];

const selectRuns = (tx: TenantDb) =>
  tx
    .select(runColumns)
    .from(rmmSyncRuns)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmSyncRuns.integrationId));

/**
 * Newest first. `lastFullOfEach`: of each connection only its last full run. `lastOfEachTypeOf`: of this connection
 * only the last run of each kind, single devices left out. `withDryRuns`: a dry run is no sync, but may be listed.
 */
export async function latestRuns(
  tx: TenantDb,
  tenantId: string,
  options: { limit: number; lastFullOfEach?: boolean; lastOfEachTypeOf?: string; withDryRuns?: boolean },
) {
  const lastFull = sql`${rmmSyncRuns.id} in (
    select distinct on (integration_id) id from rmm_sync_runs
    where tenant_id = ${tenantId} and type = 'full'
    order by integration_id, requested_at desc)`;
  const lastOfEachType = sql`${rmmSyncRuns.id} in (
    select distinct on (type) id from rmm_sync_runs
    where tenant_id = ${tenantId} and integration_id = ${options.lastOfEachTypeOf} and type <> 'device'
    order by type, requested_at desc)`;
  return selectRuns(tx)
    .where(
      and(
        eq(rmmSyncRuns.tenantId, tenantId),
        options.lastFullOfEach === true ? lastFull : undefined,
        options.lastOfEachTypeOf === undefined ? undefined : lastOfEachType,
        options.withDryRuns === true ? undefined : ne(rmmSyncRuns.type, "dry_run"),
      ),
    )
    .orderBy(desc(rmmSyncRuns.requestedAt), desc(rmmSyncRuns.id))
    .limit(options.limit);
}

/** One run as a list shows it; null when the tenant has no such run. One statement. */
export async function readRunSummary(db: Db, tenantId: string, runId: string): Promise<RunSummary | null> {
  const [run] = await withTenant(db, tenantId, (tx) =>
    selectRuns(tx).where(and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId))),
  );
  return run ?? null;
}

export const RUNS_PAGE_SIZE = 50;

export interface RunFilter {
  integrationId: string | undefined;
  type: RunSummary["type"] | undefined;
  trigger: RunSummary["trigger"] | undefined;
  outcome: RunOutcome | undefined;
}

const outcomes = {
  ok: ["completed"],
  "with-errors": ["completed_with_errors"],
  failed: ["failed"],
  cancelled: ["cancelled"],
  trouble: ["completed_with_errors", "failed", "cancelled"],
  "in-flight": ["queued", "running"],
} as const satisfies Record<string, readonly RunSummary["status"][]>;

export type RunOutcome = keyof typeof outcomes;
export const runOutcomes = Object.keys(outcomes) as RunOutcome[];

/** A page of the history. Three statements. */
export async function listRuns(db: Db, tenantId: string, filter: RunFilter, page: number) {
  return withTenant(db, tenantId, async (tx) => {
    const where = and(
      eq(rmmSyncRuns.tenantId, tenantId),
      filter.integrationId === undefined ? undefined : eq(rmmSyncRuns.integrationId, filter.integrationId),
      filter.type === undefined ? undefined : eq(rmmSyncRuns.type, filter.type),
      filter.trigger === undefined ? undefined : eq(rmmSyncRuns.trigger, filter.trigger),
      filter.outcome === undefined ? undefined : inArray(rmmSyncRuns.status, [...outcomes[filter.outcome]]),
    );
    const rows = await selectRuns(tx)
      .where(where)
      .orderBy(desc(rmmSyncRuns.requestedAt), desc(rmmSyncRuns.id))
      .limit(RUNS_PAGE_SIZE)
      .offset((page - 1) * RUNS_PAGE_SIZE);
    const [total] = await tx.select({ runs: count() }).from(rmmSyncRuns).where(where);
    const integrations = await tx
      .select({ id: rmmIntegrations.id, label: rmmIntegrations.label })
      .from(rmmIntegrations)
      .where(eq(rmmIntegrations.tenantId, tenantId))
      .orderBy(byName(rmmIntegrations.label), rmmIntegrations.id);
    return { rows, total: total?.runs ?? 0, integrations };
  });
}

const ISSUES_SHOWN = 100;

export interface ResourceLine extends ResourceCounts {
  resource: SyncResource;
}

const resourceOrder: readonly SyncResource[] = ["groups", "devices", "updates", "alerts"];

/** One run with its counts per resource and its first record errors; null when the tenant has no such run. */
export async function readRun(db: Db, tenantId: string, runId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const [row] = await tx
      .select({
        ...runColumns,
        provider: rmmIntegrations.provider,
        key: rmmSyncRuns.key,
        transport: rmmSyncRuns.transport,
        targetExternalId: rmmSyncRuns.targetExternalId,
        requests: rmmSyncRuns.requests,
        retries: rmmSyncRuns.retries,
        rateLimitedMs: rmmSyncRuns.rateLimitedMs,
        steps: rmmSyncRuns.steps,
        degraded: rmmSyncRuns.degraded,
        summary: rmmSyncRuns.summary,
        pendingPatches: rmmSyncRuns.pendingPatches,
        itemsUntold: rmmSyncRuns.itemsUntold,
        errorCode: rmmSyncRuns.errorCode,
        errorHint: rmmSyncRuns.errorHint,
        heartbeatAt: rmmSyncRuns.heartbeatAt,
        appliesRunId: rmmSyncRuns.appliesRunId,
      })
      .from(rmmSyncRuns)
      .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmSyncRuns.integrationId))
      .where(and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId)));
    if (row === undefined) return null;
    const { summary, ...run } = row;
    const pages = run.endedAt === null ? await sumPages(tx, tenantId, runId) : [];
    const issues = await listIssues(tx, tenantId, runId, { limit: ISSUES_SHOWN });
    const [total] = await tx
      .select({
        records: sql<number>`count(*) filter (where ${rmmSyncRunErrors.severity} = 'record' and not ${rmmSyncRunErrors.isIgnored})::int`,
        ignored: sql<number>`count(*) filter (where ${rmmSyncRunErrors.isIgnored})::int`,
        fields: sql<number>`count(*) filter (where ${rmmSyncRunErrors.severity} = 'field')::int`,
      })
      .from(rmmSyncRunErrors)
      .where(and(eq(rmmSyncRunErrors.tenantId, tenantId), eq(rmmSyncRunErrors.runId, runId)));
    const counted = (resource: SyncResource): ResourceCounts | undefined => {
      const line = pages.find((pageSum) => pageSum.resource === resource);
      return summary?.[resource] ?? (line === undefined ? undefined : { ...line, gone: 0, held: 0 });
    };
    return {
      run: {
        ...run,
        /** Of a comparison of alerts. */
        wasWebhookHeard:
          run.itemsUntold !== null && (await wasReceivedBy(tx, tenantId, run.integrationId, run.startedAt)),
      },
      resources: resourceOrder.flatMap((resource): ResourceLine[] => {
        const counts = counted(resource);
        return counts === undefined ? [] : [{ ...counts, resource }];
      }),
      issues,
      issueTotals: total ?? { records: 0, ignored: 0, fields: 0 },
      mayRetry: (await listFailedRecords(tx, tenantId, runId, 1)).length > 0,
      held: await countHeldByKind(tx, tenantId, { runId }),
    };
  });
}

export type RunDetail = NonNullable<Awaited<ReturnType<typeof readRun>>>;

/** Records and fields that could not be taken over, in the order they were met; `after` is the id of the last one read. */
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
