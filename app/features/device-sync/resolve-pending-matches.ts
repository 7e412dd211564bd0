import type { TenantDb } from "@db/client";
import { getIntegration } from "@db/queries/connections/connections";
import { deleteReviewsOfGone, listAssetsListedBy, lockIdentities } from "@db/queries/device-sync/identity";
import {
  closePendingMatches,
  countKeyHoldersOfPending,
  countCompetingDevices,
  deletePendingMatches,
  hasOpenPendingMatches,
  listOpenPendingMatches,
  saveMatches,
  type PendingMatchRow,
} from "@db/queries/device-sync/pending-matches";
import type { Sweep } from "@db/queries/device-sync/seen-ids";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { Match } from "@domain/identity";
import { decideAtEnd, type MatchDecision } from "@domain/match-decision";
import type { PageScope } from "~/features/sync-engine/resource";

import { holdForApproval } from "./approval";
import { findMatches, sharedKeysOf, toMatch } from "./device-matches";
import { isNew, planDevices } from "./device-plans";
import { writeDevices } from "./devices";
import { reviveDevice } from "./kept-snapshot";
import { readGroupDecisions, type PageDecisions } from "./page-decisions";
import { sweepOf } from "./sweep-of";

/** The most devices in memory at a time. */
const BATCH_SIZE = 500;

export interface ResolvedMatches {
  created: number;
  joined: number;
}

const providerOf = async (tx: TenantDb, { tenantId, connectionId }: RunRow): Promise<string> =>
  (await getIntegration(tx, tenantId, connectionId))!.provider;

/**
 * Decides on the deferred devices of a complete sweep, after its removals: matches each device with the assets, then
 * links it to an asset that no other device matches. A constant number of statements per batch. A dry run makes the
 * same decisions from its plan, and writes only the plan.
 */
export async function resolvePendingMatches(tx: TenantDb, run: RunRow, now: Date): Promise<ResolvedMatches> {
  const isDryRun = run.type === "dry_run";
  const key = sweepOf(run, now);
  if (!isDryRun) await deleteReviewsOfGone(tx, run);
  const resolved: ResolvedMatches = { created: 0, joined: 0 };
  if (await hasOpenPendingMatches(tx, key)) {
    if (!isDryRun) await lockIdentities(tx, run.tenantId);
    await countKeyHoldersOfPending(tx, key);
    const groups = await readGroupDecisions(tx, run, now);
    const scope = { ...run, provider: await providerOf(tx, run), run, now };
    for await (const batch of openMatches(tx, key, isDryRun)) await compare(tx, scope, batch, groups);
    await countCompetingDevices(tx, key);
    for await (const batch of openMatches(tx, key, isDryRun)) {
      const decisions = await place(tx, scope, batch, groups);
      const written = await writeDevices(tx, scope, batch.map(observed), groups, decisions);
      resolved.created += written.created;
      resolved.joined += written.updated;
      const decided = [...decisions].filter(([, decision]) => !keepsWaiting(decision));
      await closePendingMatches(
        tx,
        key,
        decided.map(([externalId]) => externalId),
      );
    }
  }
  await deletePendingMatches(tx, key, { keepOpen: !isDryRun });
  return resolved;
}

/** Whether the device stays pending until a person approves the removal of the device whose asset it matches. */
const keepsWaiting = (decision: MatchDecision): boolean =>
  decision.action === "review" && decision.reason === "waiting";

async function* openMatches(tx: TenantDb, key: Sweep, isDryRun: boolean): AsyncGenerator<PendingMatchRow[]> {
  for (let afterId = ""; ;) {
    const batch = await listOpenPendingMatches(tx, key, { afterId, limit: BATCH_SIZE, isDryRun });
    if (batch.length === 0) return;
    afterId = batch.at(-1)!.externalId;
    yield batch;
  }
}

const observed = ({ device }: PendingMatchRow) => reviveDevice(device);

/** Stores the match of each device. */
async function compare(
  tx: TenantDb,
  scope: PageScope,
  batch: PendingMatchRow[],
  groups: PageDecisions,
): Promise<void> {
  const { tenantId, run } = scope;
  const fresh = (await planDevices(tx, scope, batch.map(observed), groups)).filter(isNew);
  // Each key counts once, unless the stored counts say otherwise.
  const keyCounts = new Map(fresh.flatMap(({ identity }) => sharedKeysOf(identity).map((key) => [key, 1])));
  for (const pending of batch) {
    for (const [key, n] of Object.entries(pending.keyCounts)) keyCounts.set(key, n);
  }
  const matches = await findMatches(
    tx,
    {
      tenantId,
      plannedRunId: run.type === "dry_run" ? run.id : null,
      keyCounts,
      joins: "free",
      order: groups.order,
    },
    fresh.map(toMatch),
  );
  const found = fresh.map(({ snapshot }, i) => ({ externalId: snapshot.externalId, match: matches[i]! }));
  await saveMatches(tx, { tenantId, runId: run.id }, found);
}

/** Decides on each device of a batch; three statements. */
async function place(
  tx: TenantDb,
  scope: PageScope,
  batch: PendingMatchRow[],
  groups: PageDecisions,
): Promise<Map<string, MatchDecision>> {
  const matchOf = ({ match }: PendingMatchRow): Match => match ?? { state: "none" };
  const waitedFor = batch.flatMap((pending) => {
    const match = matchOf(pending);
    return match.state === "waiting" ? match.candidates.map(({ assetId }) => assetId) : [];
  });
  const key = { ...scope, runId: scope.run.id };
  const listed = await listAssetsListedBy(tx, key, [...new Set(waitedFor)]);
  const decided = batch.map((pending) => {
    const decision = decideAtEnd(matchOf(pending), {
      competingDevices: pending.competingDevices,
      isListed: (assetId) => listed.has(assetId),
    });
    return { snapshot: observed(pending).snapshot, decision };
  });
  return holdForApproval(tx, scope, decided, groups.approval);
}
