import { buildGroupTree, resolveClients } from "~/domain/group-tree";
import { suggestClients } from "~/domain/suggest-client";
import { withTenant, type Db } from "@db/client";
import { listClientNames } from "@db/queries/connection";
import { listGroups, type GroupRow } from "@db/queries/groups";
import { getIntegration } from "@db/queries/integrations";
import { countDevicesByGroup } from "@db/queries/mapping";

/** A group as the mapping page knows it. The page itself works out what is inherited: drafts change it at once. */
export interface MappingGroup {
  id: string;
  parentId: string | null;
  name: string;
  state: GroupRow["state"];
  clientId: string | null;
  /** Devices directly in the group, counted by us. */
  devices: number;
  /** ISO 8601; null while Level has the group. */
  goneAt: string | null;
  suggestion: { clientId: string; match: "exact" | "similar" } | null;
}

export interface MappingPage {
  version: number;
  groups: MappingGroup[];
  clients: { id: string; name: string }[];
  /** Devices in no group at all. */
  ungroupedDevices: number;
}

/** The whole mapping of an account, in the order of the tree. Four statements; null when there is no such account. */
export async function readMapping(
  db: Db,
  tenantId: string,
  integrationId: string,
): Promise<MappingPage | null> {
  const found = await withTenant(db, tenantId, async (tx) => {
    const integration = await getIntegration(tx, tenantId, integrationId);
    if (integration === undefined) return null;
    return {
      version: integration.mappingVersion,
      groups: await listGroups(tx, tenantId, integrationId),
      clients: await listClientNames(tx, tenantId),
      buckets: await countDevicesByGroup(tx, tenantId, integrationId),
    };
  });
  if (found === null) return null;
  const { version, groups, clients, buckets } = found;
  const devices = new Map<string | null, number>();
  for (const { externalGroupId, devices: n } of buckets)
    devices.set(externalGroupId, (devices.get(externalGroupId) ?? 0) + n);

  const suggestions = suggestFor(groups, clients);
  const tree = buildGroupTree(groups);
  return {
    version,
    clients,
    ungroupedDevices: devices.get(null) ?? 0,
    groups: [...tree.byId.values()].map(({ group, parentId }) => ({
      id: group.externalId,
      parentId,
      name: group.name,
      state: group.state,
      clientId: group.clientId,
      devices: devices.get(group.externalId) ?? 0,
      goneAt: group.goneAt,
      suggestion: suggestions.get(group.externalId) ?? null,
    })),
  };
}

/** Only groups that lead to no client yet and that nobody excluded. */
function suggestFor(groups: GroupRow[], clients: { id: string; name: string }[]) {
  const resolved = resolveClients(groups);
  const undecided = groups.filter(
    (group) => group.goneAt === null && resolved.get(group.externalId)?.skip === "unmapped",
  );
  return suggestClients(
    undecided.map(({ externalId, name }) => ({ id: externalId, name })),
    clients,
  );
}
