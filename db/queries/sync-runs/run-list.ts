import { and, desc, eq, inArray, lt, ne, sql } from "drizzle-orm";

import type { TenantDb } from "../../client";
import { rmmIntegrations, rmmSyncRuns } from "../../schema";
import {
  countPastPlace,
  isPastPlace,
  isReadFromEnd,
  keyOrder,
  keyValues,
  type KeyValues,
  type KeysetPlace,
  type PageSlice,
  type PlaceCount,
  type SortKey,
} from "../shared/keyset";
import { runTarget } from "./run-target";

/** The columns of a run in lists. */
const runColumns = {
  id: rmmSyncRuns.id,
  connectionId: rmmSyncRuns.connectionId,
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
  undoneAt: rmmSyncRuns.undoneAt,
  undoneBy: rmmSyncRuns.undoneBy,
  requestedAt: rmmSyncRuns.requestedAt,
  startedAt: rmmSyncRuns.startedAt,
  endedAt: rmmSyncRuns.endedAt,
};

/** A run with the name of its connection and of its target, as lists show it. */
export type RunSummary = Awaited<ReturnType<typeof latestRuns>>[number];

const selectRuns = (tx: TenantDb) =>
  tx
    .select(runColumns)
    .from(rmmSyncRuns)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmSyncRuns.connectionId));

/**
 * The latest runs, newest first.
 * @param options `lastFullOfEach`: only the last full run of each connection. `lastOfEachTypeOf`: only the last run of
 * each kind of this connection, without device runs. `withDryRuns`: includes dry runs, which are otherwise left out
 * because they are no syncs
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

/** A run as a list shows it; undefined if the tenant has none with this id. */
export async function getRunSummary(
  tx: TenantDb,
  tenantId: string,
  runId: string,
): Promise<RunSummary | undefined> {
  const [run] = await selectRuns(tx).where(
    and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId)),
  );
  return run;
}

/** A run with everything that its page shows; undefined if the tenant has none with this id. */
export async function getRunDetail(tx: TenantDb, tenantId: string, runId: string) {
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
      itemsMissed: rmmSyncRuns.itemsMissed,
      errorCode: rmmSyncRuns.errorCode,
      errorHint: rmmSyncRuns.errorHint,
      heartbeatAt: rmmSyncRuns.heartbeatAt,
      appliesRunId: rmmSyncRuns.appliesRunId,
      divergences: rmmSyncRuns.divergences,
    })
    .from(rmmSyncRuns)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmSyncRuns.connectionId))
    .where(and(eq(rmmSyncRuns.tenantId, tenantId), eq(rmmSyncRuns.id, runId)));
  return row;
}

export interface RunFilter {
  connectionId: string | undefined;
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

const fits = (tenantId: string, filter: RunFilter) =>
  and(
    eq(rmmSyncRuns.tenantId, tenantId),
    filter.connectionId === undefined ? undefined : eq(rmmSyncRuns.connectionId, filter.connectionId),
    filter.type === undefined ? undefined : eq(rmmSyncRuns.type, filter.type),
    filter.trigger === undefined ? undefined : eq(rmmSyncRuns.trigger, filter.trigger),
    filter.outcome === undefined ? undefined : inArray(rmmSyncRuns.status, [...outcomes[filter.outcome]]),
  );

/** The runs that match, newest first: at most `limit`, after the run `before`. Ids sort by the time of creation. */
export const batchOfRuns = (
  tx: TenantDb,
  tenantId: string,
  filter: RunFilter,
  { before, limit }: { before: string | undefined; limit: number },
) =>
  selectRuns(tx)
    .where(and(fits(tenantId, filter), before === undefined ? undefined : lt(rmmSyncRuns.id, before)))
    .orderBy(desc(rmmSyncRuns.id))
    .limit(limit);

/** The order of runs: newest first. */
export const runKeys: SortKey[] = [
  { expression: rmmSyncRuns.requestedAt, kind: "instant", isDescending: true, isNullable: false },
  { expression: rmmSyncRuns.id, kind: "id", isDescending: true, isNullable: false },
];

/** A page of the runs that match, newest first. */
export async function pageOfRuns(
  tx: TenantDb,
  tenantId: string,
  filter: RunFilter,
  { place, limit }: PageSlice,
): Promise<(RunSummary & { keys: KeyValues })[]> {
  const isFromEnd = isReadFromEnd(place);
  const rows = await tx
    .select({ ...runColumns, keys: sql<KeyValues>`${keyValues(runKeys)}` })
    .from(rmmSyncRuns)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmSyncRuns.connectionId))
    .where(and(fits(tenantId, filter), isPastPlace(runKeys, place)))
    .orderBy(keyOrder(runKeys, isFromEnd))
    .limit(limit);
  return isFromEnd ? rows.reverse() : rows;
}

/** The number of runs that match, and of those past a place. */
export const countRuns = (
  tx: TenantDb,
  tenantId: string,
  filter: RunFilter,
  place: KeysetPlace,
): Promise<PlaceCount> =>
  countPastPlace(tx, runKeys, place, sql`from ${rmmSyncRuns} where ${fits(tenantId, filter)}`);
