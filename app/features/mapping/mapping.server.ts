import { withTenant, type TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { namesOfClients } from "@db/queries/clients/clients";
import { listGroups } from "@db/queries/device-sync/groups";
import {
  allClientsExist,
  findOrCreateClients,
  lockMapping,
  updateMapping,
  type MappingChange,
} from "@db/queries/mapping/mapping";
import { listMappingRules, replaceMappingRules } from "@db/queries/mapping/rules";
import type { Actor } from "@domain/actor";
import type { MoveGroup } from "@domain/client-moves";
import { cleanClientName } from "@domain/client-name";
import { buildGroupTree } from "@domain/group-tree";
import { ruleInput, type MappingRuleInput } from "@domain/mapping-rules";
import type { ConnectionRef } from "@domain/refs";
import { foldText } from "@domain/text";
import { nameIn } from "~/platform/audit-moves";
import type { SyncDeps } from "~/platform/ports";

import { ruleFields, type MappingEdit } from "./mapping-edit";
import { findOrCreatePlaces, knowsPlaces, noPlace } from "./places.server";
import { clientNamesOf, withIds, withRules } from "./rules.server";
import { simulateMapping, type MappingPreview } from "./simulate-mapping";

export type SaveMappingOutcome =
  | { state: "saved"; changed: number; clientsCreated: string[]; version: number }
  /** Another person changed the mapping meanwhile, so nothing was written. */
  | { state: "stale"; version: number }
  | { state: "unknown_integration" }
  | { state: "unknown_groups"; externalIds: string[] }
  | { state: "unknown_client" };

/**
 * Saves changes of the mapping in one transaction; the next complete sync applies them.
 * @param expectedVersion the version that the person saw; undefined accepts any
 * @param rules all rules by path, which replace the stored ones; undefined leaves those
 * @returns the new version, or why nothing was saved
 */
export async function saveMapping(
  deps: SyncDeps,
  ref: ConnectionRef,
  edits: MappingEdit[],
  actor: Actor,
  expectedVersion?: number,
  rules?: readonly MappingRuleInput[],
): Promise<SaveMappingOutcome> {
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<SaveMappingOutcome> => {
    const version = await lockMapping(tx, ref.tenantId, ref.connectionId);
    if (version === undefined) return { state: "unknown_integration" };
    if (expectedVersion !== undefined && expectedVersion !== version) return { state: "stale", version };
    const groups = await listGroups(tx, ref.tenantId, ref.connectionId);
    const known = new Map(groups.map((group) => [group.externalId, group]));
    const unknown = edits.filter((change) => !known.has(change.externalId));
    if (unknown.length > 0)
      return { state: "unknown_groups", externalIds: unknown.map((change) => change.externalId) };
    const mapped = edits.filter((change) => change.state === "mapped");
    const chosen = mapped.flatMap(({ clientId, clientName }) =>
      clientName === undefined ? [clientId ?? null] : [],
    );
    // Checked before clients are created, because a refusal does not roll back.
    if (!isComplete(chosen) || !(await allClientsExist(tx, ref.tenantId, chosen)))
      return { state: "unknown_client" };
    if (!(await knowsPlaces(tx, ref.tenantId, edits))) return { state: "unknown_client" };
    const stored = await listMappingRules(tx, ref);
    const named = await findOrCreateClients(tx, ref.tenantId, clientNamesOf(rules ?? []));
    const current = rules === undefined ? stored : withIds(rules, stored, (name) => named.byName.get(name));
    if (rules !== undefined) await replaceMappingRules(tx, ref, current);
    const all = withRules(groups, edits, current);
    const names = all.flatMap(({ state, clientName }) =>
      state === "mapped" && clientName !== undefined ? [clientName] : [],
    );
    const clients = await findOrCreateClients(tx, ref.tenantId, names);
    const clientsCreated = [...named.created, ...clients.created];
    const ofClients = all.map((edit) => ({
      edit,
      clientId: (edit.clientName === undefined ? edit.clientId : clients.byName.get(edit.clientName)) ?? null,
    }));
    const places = await findOrCreatePlaces(tx, ref.tenantId, ofClients, known);
    const changes = ofClients.map(({ edit, clientId }, at): MappingChange => {
      const isMapped = edit.state === "mapped";
      return {
        externalId: edit.externalId,
        state: edit.state,
        clientId: isMapped ? clientId : null,
        ...(isMapped ? places[at]! : noPlace),
        ...ruleFields(edit),
      };
    });
    const effect = await simulateMapping(tx, ref, changes, deps.clock());
    const changed = await updateMapping(tx, ref.tenantId, ref.connectionId, changes, deps.clock());
    await audit(tx, ref.tenantId, actor, {
      action: "mapping.changed",
      targetType: "integration",
      targetId: ref.connectionId,
      details: {
        changes: changes.map((change) => ({ ...change, path: known.get(change.externalId)?.path })),
        clientsCreated,
        ...(rules !== undefined && { rules: ruleTexts(current), rulesBefore: ruleTexts(stored) }),
        effect: await withNames(tx, ref, effect),
      },
    });
    return { state: "saved", changed, clientsCreated, version: version + 1 };
  });
}

const ruleTexts = (rules: readonly MappingRuleInput[]) => rules.map(ruleInput);

const isComplete = (ids: (string | null)[]): ids is string[] => !ids.includes(null);

/** The simulated effect for the audit log, with the clients' current names. */
async function withNames(
  tx: TenantDb,
  ref: ConnectionRef,
  { created, joined, moved, lost, toReview }: MappingPreview,
) {
  const kinds = { created, joined, moved, lost };
  const all = Object.values(kinds).flat();
  const names = await namesOfClients(
    tx,
    ref.tenantId,
    all.flatMap(({ fromClientId, toClientId }) => [fromClientId, toClientId]),
  );
  const named = (moves: MoveGroup[]) =>
    moves.map((move) => ({
      from: nameIn(names, move.fromClientId),
      to: nameIn(names, move.toClientId),
      ...move,
    }));
  return {
    ...Object.fromEntries(Object.entries(kinds).map(([kind, moves]) => [kind, named(moves)])),
    toReview,
  };
}

export type AutoMapOutcome =
  | { state: "mapped"; groups: number; clientsCreated: number; clientsReused: number }
  | { state: "unknown_integration" }
  | { state: "no_groups" };

/**
 * Maps each top-level group to the client of its own name, which is created if missing. Skips groups that a person
 * decided on.
 */
export async function mapTopLevelGroups(
  deps: SyncDeps,
  ref: ConnectionRef,
  actor: Actor,
): Promise<AutoMapOutcome> {
  const groups = await withTenant(deps.db, ref.tenantId, (tx) =>
    listGroups(tx, ref.tenantId, ref.connectionId),
  );
  const live = groups.filter((group) => group.goneAt === null);
  if (live.length === 0) return { state: "no_groups" };
  const undecided = buildGroupTree(live).roots.filter(
    ({ group }) => group.state === "inherit" && group.ruleId === null,
  );
  const edits = undecided.map((root) => ({
    externalId: root.externalId,
    state: "mapped" as const,
    clientName: cleanClientName(root.name),
  }));
  if (edits.length === 0) return { state: "mapped", groups: 0, clientsCreated: 0, clientsReused: 0 };
  const saved = await saveMapping(deps, ref, edits, actor);
  if (saved.state !== "saved") return { state: "unknown_integration" };
  const clientsCreated = saved.clientsCreated.length;
  return {
    state: "mapped",
    groups: edits.length,
    clientsCreated,
    clientsReused: edits.length - clientsCreated,
  };
}

export type MapGroupOutcome =
  | SaveMappingOutcome
  | { state: "unknown_group"; known: string[] }
  | { state: "ambiguous_group"; externalIds: string[] };

/**
 * Maps a group to the client of this name.
 * @param path the group's path ("Acme Corp / Branch Office", regardless of case) or id
 */
export async function mapGroupByPath(
  deps: SyncDeps,
  ref: ConnectionRef,
  names: { path: string; clientName: string },
  actor: Actor,
): Promise<MapGroupOutcome> {
  const groups = await withTenant(deps.db, ref.tenantId, (tx) =>
    listGroups(tx, ref.tenantId, ref.connectionId),
  );
  const sought = names.path.trim();
  const [group, ...others] = groups.filter(
    (row) => row.goneAt === null && (row.externalId === sought || foldText(row.path) === foldText(sought)),
  );
  if (group === undefined)
    return { state: "unknown_group", known: groups.slice(0, 10).map((row) => row.path) };
  if (others.length > 0)
    return { state: "ambiguous_group", externalIds: [group, ...others].map((row) => row.externalId) };
  const change = {
    externalId: group.externalId,
    state: "mapped" as const,
    clientName: cleanClientName(names.clientName),
  };
  return saveMapping(deps, ref, [change], actor);
}
