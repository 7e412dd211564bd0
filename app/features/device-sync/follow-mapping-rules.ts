import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import { findOrCreateParts, type NamedPart } from "@db/queries/clients/client-parts";
import type { GroupRow } from "@db/queries/device-sync/groups";
import {
  findOrCreateClients,
  lockMapping,
  updateMapping,
  type MappingChange,
} from "@db/queries/mapping/mapping";
import { listMappingRules } from "@db/queries/mapping/rules";
import { systemActor } from "@domain/actor";
import { clientPartKinds, type ClientPartKind } from "@domain/client-parts";
import { followRules, type RuledGroup } from "@domain/mapping-rules";
import type { ConnectionRef } from "@domain/refs";

/** Finds, or creates, the clients, sites and contacts that rules name. */
export interface FindByName {
  clients: (names: string[]) => Promise<ReadonlyMap<string, string>>;
  parts: (kind: ClientPartKind, named: readonly NamedPart[]) => Promise<(NamedPart & { id: string })[]>;
}

/**
 * The changes that the stored rules make to these groups. One statement if there are no rules.
 * @param find called only with names that occur
 */
export async function changesByRules(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  groups: readonly RuledGroup[],
  find: FindByName,
): Promise<MappingChange[]> {
  const decisions = followRules(groups, await listMappingRules(tx, { tenantId, connectionId }));
  const names = decisions.flatMap(({ clientName }) => clientName ?? []);
  const clients = names.length === 0 ? new Map<string, string>() : await find.clients(names);
  const changes = decisions.map(({ clientName, siteName, contactName, ...decision }) => ({
    names: { site: siteName, contact: contactName },
    change: {
      ...decision,
      clientId: clientName === null ? decision.clientId : (clients.get(clientName) ?? null),
    } satisfies MappingChange,
  }));
  for (const kind of clientPartKinds) {
    const named = changes.flatMap(({ names, change: { clientId } }): NamedPart[] => {
      const name = names[kind];
      return name === null || clientId === null ? [] : [{ clientId, name }];
    });
    if (named.length === 0) continue;
    const ids = new Map<string, string>();
    for (const part of await find.parts(kind, named)) ids.set(partKey(part), part.id);
    for (const { names, change } of changes) {
      const name = names[kind];
      if (name !== null && change.clientId !== null)
        change[`${kind}Id`] = ids.get(partKey({ clientId: change.clientId, name })) ?? null;
    }
  }
  return changes.map(({ change }) => change);
}

const partKey = ({ clientId, name }: NamedPart): string => `${clientId} ${name}`;

/**
 * Applies the rules to groups that a sync found, moved or renamed. The resulting moves of assets are held like any that
 * nobody requested.
 * @param groups as they are stored
 */
export async function followMappingRules(
  tx: TenantDb,
  ref: ConnectionRef,
  groups: readonly GroupRow[],
  now: Date,
): Promise<void> {
  const { tenantId, connectionId } = ref;
  let created: string[] = [];
  const changes = await changesByRules(tx, ref, groups, {
    clients: async (names) => {
      const clients = await findOrCreateClients(tx, tenantId, names);
      created = clients.created;
      return clients.byName;
    },
    parts: (kind, named) => findOrCreateParts(tx, tenantId, kind, named),
  });
  if (changes.length === 0) return;
  await lockMapping(tx, tenantId, connectionId);
  await updateMapping(tx, tenantId, connectionId, changes, now, false);
  const pathOf = new Map(groups.map(({ externalId, path }) => [externalId, path]));
  await audit(tx, tenantId, systemActor("sync"), {
    action: "mapping.changed",
    targetType: "integration",
    targetId: connectionId,
    details: {
      changes: changes.map((change) => ({ ...change, path: pathOf.get(change.externalId) })),
      clientsCreated: created,
      byRules: true,
    },
  });
}
