import type { TenantDb } from "@db/client";
import { listGroups, type GroupRow } from "@db/queries/device-sync/groups";
import { listPlannedGroups, PLANNED_GROUP, upsertPlanned } from "@db/queries/device-sync/planned";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { RuledGroup } from "@domain/mapping-rules";
import type { GroupSnapshot } from "@domain/snapshots";

import { changesByRules } from "./follow-mapping-rules";
import { namesToMake, recordPlannedClients } from "./planned-names";

/** Stores the tree that a dry run read with its plan, and the number of devices. A dry run writes no groups. */
export async function recordPlannedGroups(
  tx: TenantDb,
  run: Pick<RunRow, "id" | "tenantId" | "connectionId">,
  groups: GroupSnapshot[],
): Promise<void> {
  const saysAll = groups.every((group) => group.parentExternalId !== undefined);
  const stored = saysAll ? [] : await listGroups(tx, run.tenantId, run.connectionId);
  const parentOf = new Map(stored.map((row) => [row.externalId, row.parentExternalId]));
  const rows = groups.map(({ externalId, name, parentExternalId, deviceCount }) => ({
    externalId: PLANNED_GROUP + externalId,
    action: "group" as const,
    name,
    assetId: null,
    fromClientId: null,
    toClientId: null,
    changes: [{ field: "deviceCount", from: null, to: deviceCount }],
    reason: parentExternalId === undefined ? (parentOf.get(externalId) ?? null) : parentExternalId,
    contentHash: null,
  }));
  await upsertPlanned(tx, { tenantId: run.tenantId, runId: run.id }, rows);
}

type TreeRow = RuledGroup & Pick<GroupRow, "assignedMs">;

const undecided = {
  state: "inherit",
  clientId: null,
  siteId: null,
  contactId: null,
  ruleId: null,
  ruleClient: null,
  rulePlace: null,
  goneAt: null,
  assignedMs: null,
} as const;

export interface PlannedTree {
  groups: TreeRow[];
  /** The sites and contacts that the rules would create, by their placeholder ids. */
  newParts: ReadonlyMap<string, string>;
}

/**
 * The stored groups as they would be after the dry run's sweep of groups, with the effect of the rules. Stores the
 * clients that the rules would create with the plan.
 */
export async function withPlannedGroups(
  tx: TenantDb,
  run: Pick<RunRow, "id" | "tenantId" | "connectionId">,
  stored: readonly TreeRow[],
): Promise<PlannedTree> {
  const byId = new Map(stored.map((row) => [row.externalId, row]));
  for (const planned of await listPlannedGroups(tx, run.tenantId, run.id)) {
    const externalId = planned.externalId.slice(PLANNED_GROUP.length);
    const known = byId.get(externalId) ?? undecided;
    const { name, parentExternalId } = planned;
    byId.set(externalId, { ...known, externalId, parentExternalId, name, goneAt: null });
  }
  const names = namesToMake(tx, run);
  for (const change of await changesByRules(tx, run, [...byId.values()], names.find)) {
    byId.set(change.externalId, { ...byId.get(change.externalId)!, ...change });
  }
  await recordPlannedClients(tx, run, names.clients);
  return { groups: [...byId.values()], newParts: names.parts };
}
