import type { TenantDb } from "@db/client";
import { updateIntegration } from "@db/queries/connections/connections";
import {
  countAbsentGroups,
  listGroups,
  markAbsentGroupsGone,
  updateGroupPaths,
  upsertGroups,
} from "@db/queries/device-sync/groups";
import { lossNotedInRunBefore } from "@db/queries/sync-runs/past-runs";
import { type RunRow, noteDegraded } from "@db/queries/sync-runs/runs";
import { buildGroupTree } from "@domain/group-tree";
import { bearsOut, exceedsChangeLimit } from "@domain/mass-change-guard";
import { latestCredibleInstant } from "@domain/observation";
import type { GroupSnapshot } from "@domain/snapshots";
import type { OpenResource, Resource } from "~/features/sync-engine/resource";
import type { SyncDeps } from "~/platform/ports";

import { followMappingRules } from "./follow-mapping-rules";
import { recordPlannedGroups } from "./planned-groups";

/** The account's groups: the provider determines the tree, we determine the client of each group. */
export const groupsResource: Resource<GroupSnapshot> = {
  name: "groups",
  tables: ["rmm_organization_mappings"],
  isOptional: false,
  async open(_deps, _tx, run): Promise<OpenResource<GroupSnapshot>> {
    return {
      list: (provider, walk) => provider.listGroups(walk),
      idOf: (group) => group,
      write: async (tx, scope, page) => {
        if (run.type === "dry_run") {
          await recordPlannedGroups(tx, run, page.items);
          return { created: 0, updated: 0, skipped: 0 };
        }
        const { tenantId, connectionId, now } = scope;
        return { ...(await upsertGroups(tx, tenantId, connectionId, page.items, now)), skipped: 0 };
      },
      ...(run.type === "dry_run" ? {} : { conclude: concludeGroups }),
    };
  },
};

/** Once the whole tree is stored, derives the paths and marks groups as gone that the account no longer lists. */
async function concludeGroups(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<number> {
  const { tenantId, connectionId, id: runId } = run;
  const now = deps.clock();
  let gone = 0;
  const loss = await countAbsentGroups(tx, tenantId, connectionId, runId);
  if (
    exceedsChangeLimit({ known: loss.known, affected: loss.absent }) &&
    !bearsOut(loss, await lossNotedInRunBefore(tx, run, "groups", latestCredibleInstant(now)))
  ) {
    await noteDegraded(tx, run, {
      resource: "groups",
      kind: "absent",
      loss,
      reason: `${loss.absent} of ${loss.known} groups are missing from the account's list; none was marked as gone.`,
      hint: "If the next sync finds the same, they count as gone.",
    });
  } else if (loss.absent > 0) {
    gone = await markAbsentGroupsGone(tx, tenantId, connectionId, runId, now);
  }
  await derivePaths(tx, tenantId, connectionId, now);
  await updateIntegration(tx, tenantId, connectionId, { lastGroupsSyncAt: now });
  return gone;
}

/** Derives and stores the path of each group of the stored tree, and applies the rules. Returns the groups. */
export async function derivePaths(tx: TenantDb, tenantId: string, connectionId: string, now: Date) {
  const rows = await listGroups(tx, tenantId, connectionId);
  const tree = buildGroupTree(rows);
  const changed = rows
    .map((row) => ({ id: row.id, path: tree.byId.get(row.externalId)?.path ?? row.name, before: row.path }))
    .filter(({ path, before }) => path !== before);
  await updateGroupPaths(tx, tenantId, changed);
  const pathOf = new Map(changed.map(({ id, path }) => [id, path]));
  const current = rows.map((row) => ({ ...row, path: pathOf.get(row.id) ?? row.path }));
  await followMappingRules(tx, { tenantId, connectionId }, current, now);
  return rows;
}
