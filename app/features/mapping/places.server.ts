import { v7 as uuidv7 } from "uuid";

import type { TenantDb } from "@db/client";
import { countPartsOf, findOrCreateParts, findParts, type NamedPart } from "@db/queries/clients/client-parts";
import { clientPartKinds, type ClientPartKind } from "@domain/client-parts";

import type { MappingEdit } from "./mapping-edit";

/** The site and contact of a mapping. */
export interface GroupPlace {
  siteId: string | null;
  contactId: string | null;
}

export const noPlace: GroupPlace = { siteId: null, contactId: null };

/** The site and contact of each group as stored. */
export type StoredPlaces = ReadonlyMap<string, GroupPlace & { clientId: string | null }>;

/** An edit with the client of the group after it. */
interface PlacedEdit {
  edit: MappingEdit;
  clientId: string | null;
}

const isMapped = ({ edit: { state } }: PlacedEdit): boolean => state === "mapped";

/** Whether every site and contact that was chosen by id belongs to the client that was chosen by id. */
export async function knowsPlaces(
  tx: TenantDb,
  tenantId: string,
  edits: readonly MappingEdit[],
): Promise<boolean> {
  for (const kind of clientPartKinds) {
    const chosen = edits.flatMap(({ state, clientId = null, [`${kind}Id` as const]: id }) =>
      state !== "mapped" || id === null || id === undefined ? [] : [{ id, clientId }],
    );
    if (chosen.length > 0 && (await countPartsOf(tx, tenantId, kind, chosen)) < chosen.length) return false;
  }
  return true;
}

type Find = (
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  named: readonly NamedPart[],
) => Promise<(NamedPart & { id: string })[]>;

/** The site and contact of each edit. Creates those that are named and missing. */
export const findOrCreatePlaces = (
  tx: TenantDb,
  tenantId: string,
  edits: readonly PlacedEdit[],
  stored: StoredPlaces,
) => placesOf(tx, tenantId, edits, stored, findOrCreateParts);

/** The site and contact of each edit, without creating any: a missing one gets an id that no record has. */
export const findPlaces = (
  tx: TenantDb,
  tenantId: string,
  edits: readonly PlacedEdit[],
  stored: StoredPlaces,
) =>
  placesOf(tx, tenantId, edits, stored, async (_tx, _tenantId, kind, named) =>
    (await findParts(tx, tenantId, kind, named)).map((part) => ({ ...part, id: part.id ?? uuidv7() })),
  );

/** Sends no statement if no site or contact is named. */
async function placesOf(
  tx: TenantDb,
  tenantId: string,
  edits: readonly PlacedEdit[],
  stored: StoredPlaces,
  find: Find,
): Promise<GroupPlace[]> {
  const idsOf = { site: new Map<string, string>(), contact: new Map<string, string>() };
  for (const kind of clientPartKinds) {
    const named = edits.filter(isMapped).flatMap(({ edit, clientId }): NamedPart[] => {
      const name = edit[`${kind}Name`];
      return name === undefined || clientId === null ? [] : [{ clientId, name }];
    });
    if (named.length === 0) continue;
    for (const { clientId, name, id } of await find(tx, tenantId, kind, named))
      idsOf[kind].set(keyOf(clientId, name), id);
  }
  return edits.map(({ edit, clientId }) => {
    const former = stored.get(edit.externalId);
    const idOf = (kind: ClientPartKind) => {
      const [name, id] = [edit[`${kind}Name`], edit[`${kind}Id`]];
      if (name !== undefined) return idsOf[kind].get(keyOf(clientId ?? "", name)) ?? null;
      return id === undefined && former?.clientId === clientId ? (former[`${kind}Id`] ?? null) : (id ?? null);
    };
    return { siteId: idOf("site"), contactId: idOf("contact") };
  });
}

const keyOf = (clientId: string, name: string): string => `${clientId} ${name}`;
