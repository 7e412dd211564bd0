import { withTenant } from "@db/client";
import { countConnection, listClientNames } from "@db/queries/connection";
import { listGroups } from "@db/queries/groups";
import { getIntegration } from "@db/queries/integrations";
import { findClientsByName } from "@db/queries/mapping";

import { previewMapping, type MappingPreview, type WantedChange } from "./mapping";
import type { SyncDeps } from "./ports";

/** One line of what a change would do: a client's name, or null for none. */
export interface NamedMove {
  from: string | null;
  to: string | null;
  devices: number;
}

export interface WantedPreview {
  created: NamedMove[];
  moved: NamedMove[];
  lost: NamedMove[];
  /** The first assets that move or lose their client, by name. */
  affected: { assetId: string; name: string; from: string | null; to: string | null }[];
  /** Clients that saving would make. */
  newClients: string[];
  /** Before the first sync of devices there is nothing to count, and everything may still be created. */
  devicesAreKnown: boolean;
}

export type PreviewOutcome =
  | { state: "previewed"; version: number; preview: WantedPreview }
  | { state: "unknown_integration" }
  | { state: "unknown_groups"; externalIds: string[] }
  | { state: "unknown_client" };

/** What saving these changes would do, in the words of the person: clients by name, those to be made included. */
export async function previewWanted(
  deps: Pick<SyncDeps, "db">,
  ref: { tenantId: string; integrationId: string },
  wanted: WantedChange[],
): Promise<PreviewOutcome> {
  const known = await withTenant(deps.db, ref.tenantId, async (tx) => ({
    integration: await getIntegration(tx, ref.tenantId, ref.integrationId),
    clients: await listClientNames(tx, ref.tenantId),
    groups: await listGroups(tx, ref.tenantId, ref.integrationId),
    counts: await countConnection(tx, ref.tenantId, ref.integrationId),
    wantedNames: await findClientsByName(
      tx,
      ref.tenantId,
      wanted.flatMap(({ clientName }) => (clientName === undefined ? [] : [clientName])),
    ),
  }));
  if (known.integration === undefined) return { state: "unknown_integration" };
  const groupIds = new Set(known.groups.map((group) => group.externalId));
  const externalIds = wanted.map((change) => change.externalId).filter((id) => !groupIds.has(id));
  if (externalIds.length > 0) return { state: "unknown_groups", externalIds };

  const names = new Map(known.clients.map((client) => [client.id, client.name]));
  const byName = new Map(known.wantedNames.map((found) => [found.name, found]));
  /** By what stands for the id of a client that saving would make; no client has such an id. */
  const newClients = new Map<string, string>();
  const changes = wanted.map(({ externalId, state, clientId, clientName }) => {
    if (state !== "mapped") return { externalId, state, clientId: null };
    const found = clientName === undefined ? undefined : byName.get(clientName);
    if (found === undefined) return { externalId, state, clientId: clientId ?? null };
    if (found.clientId !== null) return { externalId, state, clientId: found.clientId };
    const standIn = `new:${found.key}`;
    if (!newClients.has(standIn)) newClients.set(standIn, found.name);
    return { externalId, state, clientId: standIn };
  });
  const isKnownClient = (id: string | null) => id !== null && (names.has(id) || newClients.has(id));
  if (changes.some((change) => change.state === "mapped" && !isKnownClient(change.clientId)))
    return { state: "unknown_client" };

  const found = await previewMapping(deps, ref, changes);
  const nameOf = (id: string | null): string | null =>
    id === null ? null : (names.get(id) ?? newClients.get(id) ?? "an archived client");
  const named = (moves: MappingPreview["moved"]): NamedMove[] =>
    moves
      .map((move) => ({
        from: nameOf(move.fromClientId),
        to: nameOf(move.toClientId),
        devices: move.devices,
      }))
      .sort((a, b) => b.devices - a.devices);
  return {
    state: "previewed",
    version: known.integration.mappingVersion,
    preview: {
      created: named(found.created),
      moved: named(found.moved),
      lost: named(found.lost),
      affected: found.affected.map(({ assetId, name, fromClientId, toClientId }) => ({
        assetId,
        name,
        from: nameOf(fromClientId),
        to: nameOf(toClientId),
      })),
      newClients: [...newClients.values()],
      devicesAreKnown: known.counts.devices > 0,
    },
  };
}
