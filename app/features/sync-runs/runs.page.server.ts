import { withTenant, type Db } from "@db/client";
import { wasReceivedBy } from "@db/queries/alerts/alert-polls";
import { listConnectionLabels } from "@db/queries/connections/connections";
import { countHeldByKind } from "@db/queries/review/review";
import { listFailedRecords } from "@db/queries/sync-runs/run-history";
import { countIssues, listIssues } from "@db/queries/sync-runs/run-issues";
import {
  batchOfRuns,
  countRuns,
  getRunDetail,
  getRunSummary,
  pageOfRuns,
  runKeys,
  runOutcomes,
  type RunFilter,
  type RunSummary,
} from "@db/queries/sync-runs/run-list";
import { sumPages } from "@db/queries/sync-runs/run-pages";
import { syncTriggers, syncTypes, type ResourceCounts, type SyncResource } from "@domain/sync-words";
import { isId } from "~/auth/guard.server";
import { readKeysetPage } from "~/platform/http/keyset-page";
import { oneOf } from "~/platform/http/paging";

/** A run as a list shows it; null if the tenant has no such run. One statement. */
export async function readRunSummary(db: Db, tenantId: string, runId: string): Promise<RunSummary | null> {
  const run = await withTenant(db, tenantId, (tx) => getRunSummary(tx, tenantId, runId));
  return run ?? null;
}

const PAGE_SIZE = 50;

/** The filters of the history in an address. */
export function runSearch(params: URLSearchParams) {
  const integration = params.get("integration");
  const type = oneOf(params, "type", ["", ...syncTypes]);
  const outcome = oneOf(params, "outcome", ["", ...runOutcomes]);
  const trigger = oneOf(params, "trigger", ["", ...syncTriggers]);
  const connectionId = isId(integration) ? integration : undefined;
  const filter: RunFilter = {
    connectionId,
    type: type === "" ? undefined : type,
    trigger: trigger === "" ? undefined : trigger,
    outcome: outcome === "" ? undefined : outcome,
  };
  return { filter, values: { integration: connectionId ?? "", type, outcome, trigger } };
}

/** Runs after the given one, for a download. */
export const readRunBatch = (
  db: Db,
  tenantId: string,
  filter: RunFilter,
  page: Parameters<typeof batchOfRuns>[3],
) => withTenant(db, tenantId, (tx) => batchOfRuns(tx, tenantId, filter, page));

/** The page of the history that an address asks for. Three statements. */
export async function listRuns(db: Db, tenantId: string, filter: RunFilter, params: URLSearchParams) {
  const list = { scope: `runs:${tenantId}`, keys: runKeys, pageSize: PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => ({
    ...(await readKeysetPage(list, params, {
      count: (place) => countRuns(tx, tenantId, filter, place),
      read: (slice) => pageOfRuns(tx, tenantId, filter, slice),
    })),
    integrations: await listConnectionLabels(tx, tenantId),
  }));
}

/** The issues of a run from `page.after` on, for a download that reads them in batches. */
export const readIssues = (
  db: Db,
  tenantId: string,
  runId: string,
  page: { after?: string; limit: number },
) => withTenant(db, tenantId, (tx) => listIssues(tx, tenantId, runId, page));

const ISSUES_SHOWN = 100;

export interface ResourceLine extends ResourceCounts {
  resource: SyncResource;
}

const resourceOrder: readonly SyncResource[] = ["groups", "devices", "updates", "alerts"];

/** A run with its counts per resource and its first record errors; null if the tenant has no such run. */
export async function readRun(db: Db, tenantId: string, runId: string) {
  return withTenant(db, tenantId, async (tx) => {
    const row = await getRunDetail(tx, tenantId, runId);
    if (row === undefined) return null;
    const { summary, ...run } = row;
    const pages = run.endedAt === null ? await sumPages(tx, tenantId, runId) : [];
    const issues = await listIssues(tx, tenantId, runId, { limit: ISSUES_SHOWN });
    const issueTotals = await countIssues(tx, tenantId, runId);
    const counted = (resource: SyncResource): ResourceCounts | undefined => {
      const line = pages.find((pageSum) => pageSum.resource === resource);
      return summary?.[resource] ?? (line === undefined ? undefined : { ...line, gone: 0, held: 0 });
    };
    return {
      run: {
        ...run,
        /** For a comparison of alerts: whether a webhook delivery had been received before. */
        hasReceivedWebhook:
          run.itemsMissed !== null && (await wasReceivedBy(tx, tenantId, run.connectionId, run.startedAt)),
      },
      resources: resourceOrder.flatMap((resource): ResourceLine[] => {
        const counts = counted(resource);
        return counts === undefined ? [] : [{ ...counts, resource }];
      }),
      issues,
      issueTotals,
      mayRetry: (await listFailedRecords(tx, tenantId, runId, 1)).length > 0,
      held: await countHeldByKind(tx, tenantId, { runId }),
    };
  });
}

export type RunDetail = NonNullable<Awaited<ReturnType<typeof readRun>>>;
