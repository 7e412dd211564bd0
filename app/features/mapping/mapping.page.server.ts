import { withTenant, type Db } from "@db/client";
import { findLastAudit } from "@db/queries/audit/audit";
import { listPartNames } from "@db/queries/clients/client-parts";
import { listClientNames } from "@db/queries/clients/clients";
import { getIntegration } from "@db/queries/connections/connections";
import { listGroups, type GroupRow } from "@db/queries/device-sync/groups";
import { countDevicesByGroup } from "@db/queries/mapping/mapping";
import { listMappingRules } from "@db/queries/mapping/rules";
import { formerClients } from "@domain/former-mapping";
import { buildGroupTree, resolveClients } from "@domain/group-tree";
import { ruleInput, type MappingRuleInput } from "@domain/mapping-rules";
import { suggestClients } from "@domain/suggest-client";

import { countFollowing } from "./rules.server";

/** A group on the mapping page. The page computes inheritance itself, because drafts change it at once. */
export interface MappingGroup {
  id: string;
  parentId: string | null;
  name: string;
  state: GroupRow["state"];
  clientId: string | null;
  siteId: string | null;
  contactId: string | null;
  /** The number of devices directly in the group, counted by us. */
  devices: number;
  /** ISO 8601; null while Level has the group. */
  goneAt: string | null;
  suggestion: MappingSuggestion | null;
  /** The rule that the group follows; null if it has a decision of its own or matches no rule. */
  rule: FollowedRule | null;
}

interface FollowedRule {
  pattern: string;
  state: GroupRow["state"];
  clientId: string | null;
}

/** `former`: a gone group with the same name and parent had this client. */
export interface MappingSuggestion {
  clientId: string;
  match: "former" | "exact" | "similar";
}

export interface ShownRule extends MappingRuleInput {
  isClientArchived: boolean;
  /** The number of groups that follow the rule. */
  groups: number;
}

/** Every site and contact that a group can be mapped to, by name. */
export interface ClientParts {
  sites: PartName[];
  contacts: PartName[];
}

export interface PartName {
  id: string;
  clientId: string;
  name: string;
}

export interface MappingPage {
  version: number;
  /** The rules in their order. */
  rules: ShownRule[];
  groups: MappingGroup[];
  clients: { id: string; name: string }[];
  parts: ClientParts;
  /** The number of devices in no group. */
  ungroupedDevices: number;
  /** False before the first sync of devices. */
  devicesAreKnown: boolean;
}

/** The whole mapping of an account in tree order. Seven statements; null if there is no such account. */
export async function readMapping(
  db: Db,
  tenantId: string,
  connectionId: string,
): Promise<MappingPage | null> {
  const found = await withTenant(db, tenantId, async (tx) => {
    const integration = await getIntegration(tx, tenantId, connectionId);
    if (integration === undefined) return null;
    return {
      version: integration.mappingVersion,
      hasFullSync: integration.lastFullSyncAt !== null,
      groups: await listGroups(tx, tenantId, connectionId),
      clients: await listClientNames(tx, tenantId),
      parts: {
        sites: await listPartNames(tx, tenantId, "site"),
        contacts: await listPartNames(tx, tenantId, "contact"),
      },
      rules: await listMappingRules(tx, { tenantId, connectionId }),
      counts: await countDevicesByGroup(tx, tenantId, connectionId),
    };
  });
  if (found === null) return null;
  const { version, hasFullSync, groups, clients, parts, rules, counts } = found;
  const patternOf = new Map(rules.map(({ id, pattern }) => [id, pattern]));
  const following = countFollowing(groups, []);
  const devices = new Map(counts.map((count) => [count.externalGroupId, count.devices]));

  const suggestions = suggestFor(groups, clients);
  const tree = buildGroupTree(groups);
  return {
    version,
    clients,
    parts,
    rules: rules.map(({ id, isClientArchived = false, ...rule }) => ({
      ...ruleInput(rule),
      isClientArchived,
      groups: following.get(id) ?? 0,
    })),
    ungroupedDevices: devices.get(null) ?? 0,
    devicesAreKnown: hasFullSync || devices.size > 0,
    groups: [...tree.byId.values()].map(({ group, parentId }) => ({
      id: group.externalId,
      parentId,
      name: group.name,
      ...(group.ruleId === null
        ? { state: group.state, clientId: group.clientId, rule: null }
        : {
            state: "inherit" as const,
            clientId: null,
            rule: {
              pattern: patternOf.get(group.ruleId) ?? "a removed rule",
              state: group.state,
              clientId: group.clientId,
            },
          }),
      siteId: group.siteId,
      contactId: group.contactId,
      devices: devices.get(group.externalId) ?? 0,
      goneAt: group.goneAt,
      suggestion: suggestions.get(group.externalId) ?? null,
    })),
  };
}

/**
 * Suggestions for groups without a client that nobody excluded; top-level ones first, because clients are usually
 * there.
 */
function suggestFor(
  groups: GroupRow[],
  clients: { id: string; name: string }[],
): Map<string, MappingSuggestion> {
  const resolved = resolveClients(groups);
  const undecided = groups.filter(
    (group) => group.goneAt === null && resolved.get(group.externalId)?.skip === "unmapped",
  );
  const isBelow = (group: GroupRow) => Number(group.parentExternalId !== null);
  const suggestions = new Map<string, MappingSuggestion>(
    suggestClients(
      undecided
        .sort((a, b) => isBelow(a) - isBelow(b))
        .map(({ externalId, name }) => ({ id: externalId, name })),
      clients,
    ),
  );
  const active = new Set(clients.map(({ id }) => id));
  for (const [id, clientId] of formerClients(groups))
    if (active.has(clientId)) suggestions.set(id, { clientId, match: "former" });
  return suggestions;
}

/** The person who changed the mapping last, and when; null if nobody did. */
export async function readLastMappingChange(
  db: Db,
  tenantId: string,
  connectionId: string,
): Promise<string | null> {
  const entry = await withTenant(db, tenantId, (tx) =>
    findLastAudit(tx, tenantId, { actions: ["mapping.changed"], targetId: connectionId }),
  );
  return entry?.actor ?? null;
}
