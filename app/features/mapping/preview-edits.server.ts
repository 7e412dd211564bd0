import { v7 as uuidv7 } from "uuid";

import { withTenant, type TenantDb } from "@db/client";
import { countConnection, listNamesOfClients } from "@db/queries/connections/connection-counts";
import { getIntegration } from "@db/queries/connections/connections";
import { listGroups } from "@db/queries/device-sync/groups";
import { findClientsByName } from "@db/queries/mapping/mapping";
import type { MoveGroup } from "@domain/client-moves";
import type { ConnectionRef } from "@domain/refs";
import type { SyncDeps } from "~/platform/ports";

import type { MappingEdit } from "./mapping.server";
import { simulateMapping } from "./simulate-mapping";

/** One line of a preview: a client's name, or null for none. */
interface NamedMove {
  from: string | null;
  to: string | null;
  devices: number;
}

/** See `MappingPreview`. */
export interface EditsPreview {
  created: NamedMove[];
  joined: NamedMove[];
  moved: NamedMove[];
  lost: NamedMove[];
  toReview: number;
  /** The first assets that move or lose their client, by name. */
  affected: { assetId: string; name: string; from: string | null; to: string | null }[];
  /** Clients that saving would create. */
  newClients: string[];
  /** Before the first sync of devices there is nothing to count, and everything may still be created. */
  devicesAreKnown: boolean;
}

export type PreviewOutcome =
  | { state: "previewed"; version: number; preview: EditsPreview }
  | { state: "unknown_integration" }
  | { state: "unknown_groups"; externalIds: string[] }
  | { state: "unknown_client" };

/** Previews the effect of saving these changes, with clients by name, including new ones. */
export async function previewEdits(
  deps: Pick<SyncDeps, "db" | "clock">,
  ref: ConnectionRef,
  edits: MappingEdit[],
): Promise<PreviewOutcome> {
  return withTenant(deps.db, ref.tenantId, (tx) => preview(tx, ref, edits, deps.clock()));
}

async function preview(
  tx: TenantDb,
  ref: ConnectionRef,
  edits: MappingEdit[],
  now: Date,
): Promise<PreviewOutcome> {
  const { tenantId, connectionId } = ref;
  const integration = await getIntegration(tx, tenantId, connectionId);
  if (integration === undefined) return { state: "unknown_integration" };
  const groupIds = new Set((await listGroups(tx, tenantId, connectionId)).map((group) => group.externalId));
  const externalIds = edits.map((change) => change.externalId).filter((id) => !groupIds.has(id));
  if (externalIds.length > 0) return { state: "unknown_groups", externalIds };

  const clients = await listNamesOfClients(tx, tenantId);
  const names = new Map(clients.map((client) => [client.id, client.name]));
  const newClients = new Map<string, string>();
  const idOf = new Map<string, string>();
  /** By what the database compares names by, what stands for the id of a client that saving would make. */
  const standIns = new Map<string, string>();
  const newNames = edits.flatMap(({ state, clientName }) =>
    state === "mapped" && clientName !== undefined ? [clientName] : [],
  );
  for (const { name, key, clientId } of await findClientsByName(tx, tenantId, newNames)) {
    const id = clientId ?? standIns.get(key) ?? uuidv7();
    idOf.set(name, id);
    if (clientId !== null || standIns.has(key)) continue;
    standIns.set(key, id);
    newClients.set(id, name);
  }
  const changes = edits.map(({ externalId, state, clientId, clientName }) => {
    const wantedId = clientName === undefined ? clientId : idOf.get(clientName);
    return { externalId, state, clientId: state === "mapped" ? (wantedId ?? null) : null };
  });
  const isKnownClient = (id: string | null) => id !== null && (names.has(id) || newClients.has(id));
  if (changes.some((change) => change.state === "mapped" && !isKnownClient(change.clientId)))
    return { state: "unknown_client" };

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
      devicesAreKnown: (await countConnection(tx, tenantId, connectionId)).devices > 0,
    },
  };
}
