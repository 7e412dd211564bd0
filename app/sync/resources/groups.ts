import type { TenantDb } from "@db/client";
import {
  countAbsentGroups,
  listGroups,
  markAbsentGroupsGone,
  updateGroupPaths,
  upsertGroups,
} from "@db/queries/groups";
import { updateIntegration } from "@db/queries/integrations";
import { wasNotedInRunBefore, type RunRow } from "@db/queries/runs";
import { isSurprisingLoss } from "~/domain/fleet-guard";
import { buildGroupTree } from "~/domain/group-tree";
import type { GroupSnapshot } from "~/domain/snapshots";

import { noteDegraded } from "../degrade";
import type { SyncDeps } from "../ports";
import type { OpenResource, Resource } from "./resource";

/** The account's groups: the tree is the provider's, the client of each group is ours. */
export const groupsResource: Resource<GroupSnapshot> = {
  name: "groups",
  tables: ["rmm_organization_mappings"],
  isOptional: false,
  async open(): Promise<OpenResource<GroupSnapshot>> {
    return {
      list: (provider, walk) => provider.listGroups(walk),
      idOf: (group) => group,
      write: async (tx, scope, page) => ({
        ...(await upsertGroups(tx, scope.tenantId, scope.integrationId, page.items, scope.now)),
        skipped: 0,
      }),
      conclude: concludeGroups,
    };
  },
};

/** With the whole tree known: derive the paths, and mark as gone what the account no longer lists. */
async function concludeGroups(deps: SyncDeps, tx: TenantDb, run: RunRow): Promise<void> {
  const { tenantId, integrationId, id: runId } = run;
  const now = deps.clock();
  const loss = await countAbsentGroups(tx, tenantId, integrationId, runId);
  if (isSurprisingLoss(loss) && !(await wasNotedInRunBefore(tx, run, "groups"))) {
    await noteDegraded(tx, run, {
      resource: "groups",
      reason: `${loss.absent} of ${loss.known} groups are missing from the account's list; none was marked as gone.`,
      hint: "If the next sync is told the same, it is believed.",
    });
  } else if (loss.absent > 0) {
    await markAbsentGroupsGone(tx, tenantId, integrationId, runId, now);
  }
  const rows = await listGroups(tx, tenantId, integrationId);
  const tree = buildGroupTree(rows);
  const changed = rows
    .map((row) => ({ id: row.id, path: tree.byId.get(row.externalId)?.path ?? row.name, before: row.path }))
    .filter(({ path, before }) => path !== before);
  await updateGroupPaths(tx, tenantId, changed);
  await updateIntegration(tx, tenantId, integrationId, { lastGroupsSyncAt: now });
}
