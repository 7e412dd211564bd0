import type { TenantDb } from "@db/client";
import { audit } from "@db/queries/audit/audit";
import type { GroupRow } from "@db/queries/device-sync/groups";
import {
  findClientsByName,
  findOrCreateClients,
  lockMapping,
  updateMapping,
  type MappingChange,
} from "@db/queries/mapping/mapping";
import { listMappingRules } from "@db/queries/mapping/rules";
import { systemActor } from "@domain/actor";
import { followRules, type RuledGroup } from "@domain/mapping-rules";
import type { ConnectionRef } from "@domain/refs";

type FindClients = (tx: TenantDb, tenantId: string, names: string[]) => Promise<ReadonlyMap<string, string>>;

/** Of the names, the clients that are there; none is made. */
export const findExisting: FindClients = async (tx, tenantId, names) => {
  const found = await findClientsByName(tx, tenantId, names);
  return new Map(
    found.flatMap(({ name, clientId }): [string, string][] => (clientId === null ? [] : [[name, clientId]])),
  );
};

/** What the stored rules change in these groups. One statement where there are no rules. */
export async function changesByRules(
  tx: TenantDb,
  { tenantId, connectionId }: ConnectionRef,
  groups: readonly RuledGroup[],
  find: FindClients,
): Promise<MappingChange[]> {
  const decisions = followRules(groups, await listMappingRules(tx, { tenantId, connectionId }));
  const names = decisions.flatMap(({ clientName }) => clientName ?? []);
  const clients = names.length === 0 ? new Map<string, string>() : await find(tx, tenantId, names);
  return decisions.map(({ clientName, ...decision }): MappingChange => {
    const clientId = clientName === null ? decision.clientId : (clients.get(clientName) ?? null);
    return { ...decision, clientId, siteId: null, contactId: null };
  });
}

/**
 * Has groups that a sync found, moved or renamed follow the rules. Moves of assets that come of it are held like any
 * that nobody asked for.
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
  const changes = await changesByRules(tx, ref, groups, async (_tx, _tenantId, names) => {
    const clients = await findOrCreateClients(tx, tenantId, names);
    created = clients.created;
    return clients.byName;
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
