import { resolveClients, type MappedGroup } from "./group-tree";

export interface PlacedGroup extends MappedGroup {
  /** Of the group's client. */
  siteId: string | null;
  contactId: string | null;
}

/** The site and contact that a group gives its devices. */
export interface PlaceTarget {
  groupId: string;
  clientId: string;
  siteId: string | null;
  contactId: string | null;
}

/** The site and contact of each group with a client: from the group that decides on the client. */
export function placeTargets(groups: readonly PlacedGroup[]): PlaceTarget[] {
  const byId = new Map(groups.map((group) => [group.externalId, group]));
  return [...resolveClients(groups)].flatMap(([groupId, { clientId, decidedBy }]): PlaceTarget[] => {
    if (clientId === undefined) return [];
    const { siteId = null, contactId = null } = byId.get(decidedBy ?? "") ?? {};
    return [{ groupId, clientId, siteId, contactId }];
  });
}
