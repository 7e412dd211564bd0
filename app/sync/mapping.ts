import { withTenant, type TenantDb } from "@db/client";
import { recordAudit } from "@db/queries/audit";
import { listGroups, type GroupRow } from "@db/queries/groups";
import {
  allClientsExist,
  countDevicesByGroup,
  findOrCreateClients,
  listAffectedAssets,
  lockMapping,
  updateMapping,
  type AffectedDevice,
  type MappingChange,
} from "@db/queries/mapping";
import { buildGroupTree, resolveClients } from "~/domain/group-tree";
import { effectOn } from "~/domain/mapping-effect";

import type { Actor } from "./connect";
import type { SyncDeps } from "./ports";

interface MappingRef {
  tenantId: string;
  integrationId: string;
}

/** A client that several groups share, or one to be made: by id or by name. */
export interface WantedChange {
  externalId: string;
  state: GroupRow["state"];
  clientId?: string | null;
  /** Makes the client when there is none of this name. */
  clientName?: string;
}

export interface MoveGroup {
  fromClientId: string | null;
  toClientId: string | null;
  devices: number;
}

export interface MappingPreview {
  /** Devices that get an asset, by client. */
  created: MoveGroup[];
  /** Assets that go from one client to another. */
  moved: MoveGroup[];
  /** Assets that belong to nobody afterwards. */
  lost: MoveGroup[];
  /** The first of those moved or lost, by name. */
  affected: AffectedDevice[];
}

const MAX_LISTED = 200;

/** What a mapping would do at the next complete sync, without writing anything. */
export async function previewMapping(
  deps: Pick<SyncDeps, "db">,
  ref: MappingRef,
  changes: MappingChange[],
): Promise<MappingPreview> {
  return withTenant(deps.db, ref.tenantId, (tx) => preview(tx, ref, changes));
}

async function preview(tx: TenantDb, ref: MappingRef, changes: MappingChange[]): Promise<MappingPreview> {
  const byGroup = new Map(changes.map((change) => [change.externalId, change]));
  const groups = await listGroups(tx, ref.tenantId, ref.integrationId);
  const resolved = resolveClients(groups.map((group) => ({ ...group, ...byGroup.get(group.externalId) })));
  const sums = {
    create: new Map<string, MoveGroup>(),
    move: new Map<string, MoveGroup>(),
    lose_client: new Map<string, MoveGroup>(),
  };
  for (const bucket of await countDevicesByGroup(tx, ref.tenantId, ref.integrationId)) {
    const effect = effectOn(bucket, resolved);
    if (effect.kind === "none") continue;
    const fromClientId = effect.kind === "create" ? null : effect.fromClientId;
    const toClientId = effect.kind === "lose_client" ? null : effect.toClientId;
    const key = `${fromClientId}>${toClientId}`;
    const sum = sums[effect.kind].get(key) ?? { fromClientId, toClientId, devices: 0 };
    sums[effect.kind].set(key, { ...sum, devices: sum.devices + bucket.devices });
  }
  const targets = [...resolved].flatMap(([externalGroupId, { clientId }]) =>
    clientId === undefined ? [] : [{ externalGroupId, clientId }],
  );
  const affected = await listAffectedAssets(tx, ref.tenantId, ref.integrationId, targets, MAX_LISTED);
  return {
    created: [...sums.create.values()],
    moved: [...sums.move.values()],
    lost: [...sums.lose_client.values()],
    affected,
  };
}

export type SaveMappingOutcome =
  | { state: "saved"; changed: number; clientsCreated: string[]; version: number }
  /** Somebody else changed the mapping meanwhile; nothing was written. */
  | { state: "stale"; version: number }
  | { state: "unknown_integration" }
  | { state: "unknown_groups"; externalIds: string[] }
  | { state: "unknown_client" };

/**
 * Saves changes of the mapping in one transaction; the next complete sync carries them out.
 * @param expectedVersion the version the person looked at; undefined takes any
 */
export async function saveMapping(
  deps: SyncDeps,
  ref: MappingRef,
  wanted: WantedChange[],
  actor: Actor,
  expectedVersion?: number,
): Promise<SaveMappingOutcome> {
  return withTenant(deps.db, ref.tenantId, async (tx): Promise<SaveMappingOutcome> => {
    const version = await lockMapping(tx, ref.tenantId, ref.integrationId);
    if (version === undefined) return { state: "unknown_integration" };
    if (expectedVersion !== undefined && expectedVersion !== version) return { state: "stale", version };
    const groups = await listGroups(tx, ref.tenantId, ref.integrationId);
    const known = new Map(groups.map((group) => [group.externalId, group]));
    const unknown = wanted.filter((change) => !known.has(change.externalId));
    if (unknown.length > 0)
      return { state: "unknown_groups", externalIds: unknown.map((change) => change.externalId) };
    const names = wanted.flatMap((change) => (change.clientName === undefined ? [] : [change.clientName]));
    const clients = await findOrCreateClients(tx, ref.tenantId, names);
    const changes = wanted.map(({ externalId, state, clientId, clientName }): MappingChange => {
      const wantedId = clientName === undefined ? clientId : clients.byName.get(clientName);
      return { externalId, state, clientId: state === "mapped" ? (wantedId ?? null) : null };
    });
    if (changes.some((change) => change.state === "mapped" && change.clientId === null))
      return { state: "unknown_client" };
    if (!(await allClientsExist(tx, ref.tenantId, changes))) return { state: "unknown_client" };
    const effect = await preview(tx, ref, changes);
    const changed = await updateMapping(tx, ref.tenantId, ref.integrationId, changes, deps.clock());
    await recordAudit(tx, {
      tenantId: ref.tenantId,
      actorUserId: actor.userId,
      actor: actor.name,
      ip: actor.ip,
      action: "mapping.changed",
      targetType: "integration",
      targetId: ref.integrationId,
      details: {
        changes: changes
          .slice(0, MAX_LISTED)
          .map((change) => ({ ...change, path: known.get(change.externalId)?.path })),
        clientsCreated: clients.created,
        effect: { created: effect.created, moved: effect.moved, lost: effect.lost },
      },
    });
    return { state: "saved", changed, clientsCreated: clients.created, version: version + 1 };
  });
}

export type AutoMapOutcome =
  | { state: "mapped"; groups: number; clientsCreated: number; clientsReused: number }
  | { state: "unknown_integration" }
  | { state: "no_groups" };

/** Makes (or reuses) a client for each top-level group and maps it. Groups that a person decided on are left alone. */
export async function mapTopLevelGroups(
  deps: SyncDeps,
  ref: MappingRef,
  actor: Actor,
): Promise<AutoMapOutcome> {
  const groups = await withTenant(deps.db, ref.tenantId, (tx) =>
    listGroups(tx, ref.tenantId, ref.integrationId),
  );
  const live = groups.filter((group) => group.goneAt === null);
  if (live.length === 0) return { state: "no_groups" };
  const undecided = buildGroupTree(live).roots.filter((root) => root.group.state === "inherit");
  const wanted = undecided.map((root) => ({
    externalId: root.externalId,
    state: "mapped" as const,
    clientName: root.name,
  }));
  if (wanted.length === 0) return { state: "mapped", groups: 0, clientsCreated: 0, clientsReused: 0 };
  const saved = await saveMapping(deps, ref, wanted, actor);
  if (saved.state !== "saved") return { state: "unknown_integration" };
  const clientsCreated = saved.clientsCreated.length;
  return {
    state: "mapped",
    groups: wanted.length,
    clientsCreated,
    clientsReused: wanted.length - clientsCreated,
  };
}

export type MapGroupOutcome = SaveMappingOutcome | { state: "unknown_group"; known: string[] };

/** Maps the group of this path ("Acme Corp / Branch Office", regardless of case) to the client of this name. */
export async function mapGroupByPath(
  deps: SyncDeps,
  ref: MappingRef,
  names: { path: string; clientName: string },
  actor: Actor,
): Promise<MapGroupOutcome> {
  const groups = await withTenant(deps.db, ref.tenantId, (tx) =>
    listGroups(tx, ref.tenantId, ref.integrationId),
  );
  const path = names.path.trim().toLowerCase();
  const group = groups.find((row) => row.goneAt === null && row.path.toLowerCase() === path);
  if (group === undefined)
    return { state: "unknown_group", known: groups.slice(0, 10).map((row) => row.path) };
  const change = {
    externalId: group.externalId,
    state: "mapped" as const,
    clientName: names.clientName.trim(),
  };
  return saveMapping(deps, ref, [change], actor);
}
