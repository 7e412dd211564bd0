import { sql, type SQL } from "drizzle-orm";

import { clientPartKinds, type ClientPartKind } from "@domain/client-parts";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import { partLink, partTable } from "./client-parts";

/** The ids of the sites and contacts that a merge moved. */
export type MovedParts = Record<ClientPartKind, string[]>;

const holders = [sql`assets`, sql`rmm_organization_mappings`];

/** Parts of the client `of`, each with the part of the client `at` that has the same name. */
const twins = (tenantId: string, kind: ClientPartKind, of: string, at: string): SQL => sql`
  select p.id, t.id as twin_id from ${partTable(kind)} p
  join ${partTable(kind)} t on t.tenant_id = p.tenant_id and t.client_id = ${at} and fold_text(t.name) = fold_text(p.name)
  where p.tenant_id = ${tenantId} and p.client_id = ${of}`;

/**
 * Moves the sites and contacts of one client to another. If the other client has one of the same name, that one
 * replaces it on assets and groups. Call it before moving the assets and groups, so that they keep their sites and
 * contacts. Returns what it moved.
 */
export async function moveClientParts(
  tx: TenantDb,
  tenantId: string,
  { from, to }: { from: string; to: string },
): Promise<MovedParts> {
  const moved: MovedParts = { site: [], contact: [] };
  for (const kind of clientPartKinds) {
    const link = partLink(kind);
    for (const holder of holders) {
      await tx.execute(sql`
        update ${holder} h set ${link} = w.twin_id from (${twins(tenantId, kind, from, to)}) w
        where h.tenant_id = ${tenantId} and h.${link} = w.id`);
    }
    const rows = await queryRows<{ id: string }>(
      tx,
      sql`update ${partTable(kind)} set client_id = ${to}, updated_at = now()
          where tenant_id = ${tenantId} and client_id = ${from}
            and id not in (select id from (${twins(tenantId, kind, from, to)}) w)
          returning id`,
    );
    moved[kind] = rows.map(({ id }) => id);
  }
  return moved;
}

/**
 * Returns the sites and contacts that a merge moved. Assets and groups that go back take the former client's site or
 * contact of the same name. Call it before moving the assets and groups back.
 */
export async function returnClientParts(
  tx: TenantDb,
  tenantId: string,
  moved: MovedParts,
  { from, into, assets, groups }: { from: string; into: string; assets: string[]; groups: string[] },
): Promise<void> {
  for (const kind of clientPartKinds) {
    const link = partLink(kind);
    await tx.execute(sql`
      update ${partTable(kind)} p set client_id = ${from}, updated_at = now()
      where tenant_id = ${tenantId} and client_id = ${into} and id = any(${uuidArray(moved[kind])})
        and not exists (select from (${twins(tenantId, kind, into, from)}) w where w.id = p.id)`);
    for (const [at, ids] of [assets, groups].entries()) {
      await tx.execute(sql`
        update ${holders[at]!} h set ${link} = w.twin_id from (${twins(tenantId, kind, into, from)}) w
        where h.tenant_id = ${tenantId} and h.client_id = ${into} and h.${link} = w.id and h.id = any(${uuidArray(ids)})`);
    }
  }
}

/** Removes these clients' sites and contacts from assets and groups that belong to another client. */
export async function forgetForeignParts(
  tx: TenantDb,
  tenantId: string,
  clientIds: readonly string[],
): Promise<void> {
  for (const kind of clientPartKinds) {
    const link = partLink(kind);
    for (const holder of holders) {
      await tx.execute(sql`
        update ${holder} h set ${link} = null from ${partTable(kind)} p
        where p.tenant_id = ${tenantId} and p.client_id = any(${uuidArray(clientIds)})
          and h.tenant_id = p.tenant_id and h.${link} = p.id and h.client_id is distinct from p.client_id`);
    }
  }
}
