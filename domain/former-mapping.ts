import { resolveClients, type MappedGroup } from "./group-tree";
import { foldText } from "./text";

interface Group extends MappedGroup {
  path: string;
  /** ISO instant; null while the provider has the group. */
  goneAt: string | null;
}

/**
 * For each group without a client, the client of the gone group with the same name and place: a group that is deleted
 * and created again gets a new id, and its devices would lose their client. Only offered, never applied. Of several
 * gone groups, the one that went last.
 */
export function formerClients(groups: readonly Group[]): Map<string, string> {
  const former = new Map<string, Group>();
  for (const group of groups) {
    if (group.goneAt === null || group.state !== "mapped" || group.clientId === null) continue;
    const known = former.get(placeOf(group));
    if (known === undefined || known.goneAt! < group.goneAt) former.set(placeOf(group), group);
  }
  if (former.size === 0) return new Map();
  const resolved = resolveClients(groups);
  return new Map(
    groups.flatMap((group): [string, string][] => {
      if (group.goneAt !== null || resolved.get(group.externalId)?.skip !== "unmapped") return [];
      const before = former.get(placeOf(group));
      return before === undefined ? [] : [[group.externalId, before.clientId!]];
    }),
  );
}

const placeOf = ({ path }: Group): string => foldText(path);
