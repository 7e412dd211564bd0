import type { TenantDb } from "@db/client";
import { listGroups } from "@db/queries/device-sync/groups";
import { listOutranking, readMatchingRules } from "@db/queries/matching-rules/rules";
import { lastCompleteStartMs } from "@db/queries/sync-runs/past-runs";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { placeTargets, type PlacedGroup, type PlaceTarget } from "@domain/group-places";
import { assignedSince, resolveClients } from "@domain/group-tree";
import type { MappingDecisions } from "@domain/mapping-effect";
import {
  approvalScope,
  matchingOrderOf,
  type ApprovalScope,
  type MatchingOrder,
} from "@domain/matching-rules";

import { withPlannedGroups } from "./planned-groups";
import { sweepOf } from "./sweep-of";

/** People's decisions about a connection, as writing a page needs them. */
export interface PageDecisions extends MappingDecisions {
  order: MatchingOrder;
  approval: ApprovalScope;
  /** The connections that outrank this one if an asset has devices of several connections. */
  outrankedBy: string[];
  /** The site and contact of the devices of a group with a client. */
  placeOf: (externalGroupId: string | null) => PlaceTarget | undefined;
  /** The sites and contacts that a dry run would make. */
  newParts: ReadonlyMap<string, string>;
}

/**
 * The client of each stored group (in a dry run, of each group as it would be stored), and the matching rules of the
 * time when the run began, because a change during a run counts only from the next run on.
 */
export async function readGroupDecisions(
  tx: TenantDb,
  run: Pick<RunRow, "id" | "tenantId" | "connectionId" | "type"> & Partial<Pick<RunRow, "startedAt">>,
  now: Date,
): Promise<PageDecisions> {
  const stored = await listGroups(tx, run.tenantId, run.connectionId);
  const { groups, newParts } =
    run.type === "dry_run"
      ? await withPlannedGroups(tx, run, stored)
      : { groups: stored, newParts: new Map<string, string>() };
  const sinceMs = await lastCompleteStartMs(tx, run, sweepOf(run, now));
  const asOf = run.startedAt ?? now;
  const { rules } = await readMatchingRules(tx, run, asOf);
  return {
    clients: resolveClients(groups),
    assigned: sinceMs === null ? null : assignedSince(groups, sinceMs, now),
    order: matchingOrderOf(rules),
    approval: approvalScope(rules, groups),
    outrankedBy: await listOutranking(tx, run, rules, asOf),
    placeOf: findPlaceOf(groups),
    newParts,
  };
}

/** Computes the places at the first call, because only a plan needs them. */
function findPlaceOf(groups: readonly PlacedGroup[]): PageDecisions["placeOf"] {
  let targets: Map<string, PlaceTarget> | undefined;
  return (externalGroupId) => {
    targets ??= new Map(placeTargets(groups).map((target) => [target.groupId, target]));
    return targets.get(externalGroupId ?? "");
  };
}
