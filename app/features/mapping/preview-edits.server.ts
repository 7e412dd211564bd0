import { v7 as uuidv7 } from "uuid";

import { withTenant, type TenantDb } from "@db/client";
import { listClientNames } from "@db/queries/clients/clients";
import { countConnection } from "@db/queries/connections/connection-counts";
import { getIntegration } from "@db/queries/connections/connections";
import { listGroups, type GroupRow } from "@db/queries/device-sync/groups";
import { countMisplaced, hasPlaces } from "@db/queries/device-sync/places";
import { findClientsByName, type MappingChange } from "@db/queries/mapping/mapping";
import { listMappingRules } from "@db/queries/mapping/rules";
import type { MoveGroup } from "@domain/client-moves";
import { placeTargets } from "@domain/group-places";
import type { MappingRuleInput } from "@domain/mapping-rules";
import type { ConnectionRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

import { ruleFields, type MappingEdit } from "./mapping-edit";
import { findPlaces, noPlace, knowsPlaces } from "./places.server";
import { clientNamesOf, countFollowing, withIds, withRules } from "./rules.server";
import { simulateMapping } from "./simulate-mapping";

/** A line of a preview: a client's name, or null for none. */
interface NamedMove {
  from: string | null;
  to: string | null;
  devices: number;
}

/** The effect of saving; see `MappingPreview`. */
export interface EditsPreview {
  created: NamedMove[];
  joined: NamedMove[];
  moved: NamedMove[];
  lost: NamedMove[];
  toReview: number;
  /** The first assets, by name, that move or lose their client. */
  affected: { assetId: string; name: string; from: string | null; to: string | null }[];
  /** The names of clients that saving would create. */
  newClients: string[];
  /** The number of groups that would follow each rule, in the order of the rules. */
  following: { pattern: string; groups: number }[];
  /** The number of assets that keep their client and get another site or contact. */
  placed: number;
  /** False before the first sync of devices: there is nothing to count, and everything may still be created. */
  devicesAreKnown: boolean;
}

export type PreviewOutcome =
  | { state: "previewed"; version: number; preview: EditsPreview }
  | { state: "unknown_integration" }
  | { state: "unknown_groups"; externalIds: string[] }
  | { state: "unknown_client" };

/**
 * Previews the effect of saving these changes, with clients by name, including new ones.
 * @param rules all rules by path after saving; undefined leaves the stored ones
 */
export async function previewEdits(
  deps: Pick<SyncDeps, "db" | "clock">,
  ref: ConnectionRef,
  edits: MappingEdit[],
  rules?: readonly MappingRuleInput[],
): Promise<PreviewOutcome> {
  return withTenant(deps.db, ref.tenantId, (tx) => preview(tx, ref, edits, rules, deps.clock()));
}

async function preview(
  tx: TenantDb,
  ref: ConnectionRef,
  given: MappingEdit[],
  rules: readonly MappingRuleInput[] | undefined,
  now: Date,
): Promise<PreviewOutcome> {
  const { tenantId, connectionId } = ref;
  const integration = await getIntegration(tx, tenantId, connectionId);
  if (integration === undefined) return { state: "unknown_integration" };
  const groups = await listGroups(tx, tenantId, connectionId);
  const groupIds = new Set(groups.map((group) => group.externalId));
  const externalIds = given.map((change) => change.externalId).filter((id) => !groupIds.has(id));
  if (externalIds.length > 0) return { state: "unknown_groups", externalIds };

  const clients = await listClientNames(tx, tenantId);
  const names = new Map(clients.map((client) => [client.id, client.name]));
  const newClients = new Map<string, string>();
  const idOf = new Map<string, string>();
  /** The placeholder ids of clients that saving would create, by the database's sort key for names. */
  const standIns = new Map<string, string>();
  const lookUp = async (wanted: string[]) => {
    for (const { name, key, clientId } of await findClientsByName(tx, tenantId, wanted)) {
      const id = clientId ?? standIns.get(key) ?? uuidv7();
      idOf.set(name, id);
      if (clientId !== null || standIns.has(key)) continue;
      standIns.set(key, id);
      newClients.set(id, name);
    }
  };
  const storedRules = await listMappingRules(tx, ref);
  await lookUp(clientNamesOf(rules ?? []));
  const current = rules === undefined ? storedRules : withIds(rules, storedRules, (name) => idOf.get(name));
  const edits = withRules(groups, given, current);
  await lookUp(
    edits.flatMap(({ state, clientName }) =>
      state === "mapped" && clientName !== undefined ? [clientName] : [],
    ),
  );
  if (!(await knowsPlaces(tx, tenantId, edits))) return { state: "unknown_client" };
  const ofClients = edits.map((edit) => ({
    edit,
    clientId: (edit.clientName === undefined ? edit.clientId : idOf.get(edit.clientName)) ?? null,
  }));
  const stored = new Map(groups.map((group) => [group.externalId, group]));
  const places = await findPlaces(tx, tenantId, ofClients, stored);
  const changes = ofClients.map(({ edit, clientId }, at): MappingChange => {
    const { externalId, state } = edit;
    const place = state === "mapped" ? { clientId, ...places[at]! } : { clientId: null, ...noPlace };
    return { externalId, state, ...place, ...ruleFields(edit) };
  });
  const isKnownClient = (id: string | null) => id !== null && (names.has(id) || newClients.has(id));
  if (changes.some((change) => change.state === "mapped" && !isKnownClient(change.clientId)))
    return { state: "unknown_client" };
  const following = countFollowing(groups, edits);

  const found = await simulateMapping(tx, ref, changes, now);
  const nameOf = (id: string | null): string | null =>
    id === null ? null : (names.get(id) ?? newClients.get(id) ?? "an archived client");
  const named = (moves: MoveGroup[]): NamedMove[] =>
    moves
      .map((move) => ({
        from: nameOf(move.fromClientId),
        to: nameOf(move.toClientId),
        devices: move.devices,
      }))
      .sort((a, b) => b.devices - a.devices);
  return {
    state: "previewed",
    version: integration.mappingVersion,
    preview: {
      created: named(found.created),
      joined: named(found.joined),
      moved: named(found.moved),
      lost: named(found.lost),
      toReview: found.toReview,
      affected: found.affected.map(({ assetId, name, fromClientId, toClientId }) => ({
        assetId,
        name,
        from: nameOf(fromClientId),
        to: nameOf(toClientId),
      })),
      newClients: [...newClients.values()],
      following: current.map(({ id, pattern }) => ({ pattern, groups: following.get(id) ?? 0 })),
      placed: await countPlaced(tx, ref, groups, changes),
      devicesAreKnown: (await countConnection(tx, tenantId, connectionId)).devices > 0,
    },
  };
}

/** The number of assets that keep their client and get another site or contact. */
async function countPlaced(
  tx: TenantDb,
  ref: ConnectionRef,
  groups: readonly GroupRow[],
  changes: readonly MappingChange[],
): Promise<number> {
  const isUsed = changes.some(({ siteId, contactId }) => siteId !== null || contactId !== null);
  if (!isUsed && !(await hasPlaces(tx, ref))) return 0;
  const changed = new Map(changes.map((change) => [change.externalId, change]));
  return countMisplaced(
    tx,
    ref,
    placeTargets(groups.map((group) => ({ ...group, ...changed.get(group.externalId) }))),
  );
}
