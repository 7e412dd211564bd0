import { withTenant, type Db } from "@db/client";
import { listClientNames } from "@db/queries/clients/clients";
import { countPlanned } from "@db/queries/device-sync/planned";
import { countDivergences, divergenceKeys, listDivergences } from "@db/queries/sync-runs/divergences";
import {
  countPlannedThatFit,
  countSkipReasons,
  listPlanned,
  listPlannedAfter,
  listPlannedOf,
  planKeys,
  readSinceDryRun,
  type PlanFilter,
  type PlanRow,
} from "@db/queries/sync-runs/plan-list";
import { plannedDeviceActions } from "@domain/device-plan";
import type { RunRef } from "@domain/refs";
import { isId } from "~/auth/guard.server";
import { readKeysetPage } from "~/platform/http/keyset-page";
import { oneOf, searchText } from "~/platform/http/paging";

const PLAN_PAGE_SIZE = 50;

export type { PlanRow };

/** The filter in an address, and the values that its form shows. */
export function planFilterOf(params: URLSearchParams) {
  const action = oneOf(params, "action", ["", ...plannedDeviceActions]);
  const client = params.get("client") ?? "";
  const clientId = client === "none" || isId(client) ? client : undefined;
  const text = searchText(params);
  const filter: PlanFilter = { action: action === "" ? undefined : action, clientId, text };
  return { filter, values: { q: text ?? "", action, client: clientId ?? "" } };
}

interface DryRun {
  id: string;
  connectionId: string;
  requestedAt: Date;
  startedAt: Date | null;
}

/** The page of a dry run's plan that an address asks for, and what has changed in the account since. Six statements. */
export async function readPlan(
  db: Db,
  tenantId: string,
  run: DryRun,
  filter: PlanFilter,
  params: URLSearchParams,
) {
  const list = { scope: `plan:${run.id}`, keys: planKeys, pageSize: PLAN_PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => ({
    ...(await readKeysetPage(list, params, {
      count: (place) => countPlannedThatFit(tx, tenantId, run.id, filter, place),
      read: (slice) => listPlanned(tx, tenantId, run.id, filter, slice),
    })),
    counts: await countPlanned(tx, tenantId, run.id),
    skips: await countSkipReasons(tx, tenantId, run.id),
    clients: await listClientNames(tx, tenantId),
    since: await readSinceDryRun(tx, tenantId, {
      id: run.id,
      connectionId: run.connectionId,
      since: run.startedAt ?? run.requestedAt,
    }),
  }));
}

export type Plan = Awaited<ReturnType<typeof readPlan>>;

const DOWNLOAD_BATCH = 500;

/** The next batch of a plan after the device `after`, for a download. One statement. */
export const readPlannedAfter = (
  db: Db,
  tenantId: string,
  runId: string,
  filter: PlanFilter,
  after: string,
): Promise<PlanRow[]> =>
  withTenant(db, tenantId, (tx) =>
    listPlannedAfter(tx, tenantId, runId, filter, { after, limit: DOWNLOAD_BATCH }),
  );

/**
 * The page that an address asks for of the devices for which a run differs from the dry run that it applied. Three
 * statements.
 */
export async function readDivergences(
  db: Db,
  ref: RunRef & { appliesRunId: string },
  params: URLSearchParams,
) {
  const { tenantId, runId, appliesRunId } = ref;
  const list = { scope: `divergences:${runId}`, keys: divergenceKeys, pageSize: PLAN_PAGE_SIZE };
  return withTenant(db, tenantId, async (tx) => {
    const { rows, ...page } = await readKeysetPage(list, params, {
      count: (place) => countDivergences(tx, ref, place),
      read: (slice) => listDivergences(tx, ref, slice),
    });
    const ids = rows.map((row) => row.externalId);
    const planned = await listPlannedOf(tx, tenantId, [appliesRunId, runId], ids);
    const of = (run: string, externalId: string): PlanRow | null =>
      planned.find((row) => row.runId === run && row.externalId === externalId) ?? null;
    return {
      ...page,
      rows: rows.map(({ externalId, name }) => ({
        externalId,
        name,
        planned: of(appliesRunId, externalId),
        done: of(runId, externalId),
      })),
    };
  });
}

export type Divergences = Awaited<ReturnType<typeof readDivergences>>;
