import { sql } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { clientPartFields, type ClientPartKind, type ClientPartValues } from "@domain/client-parts";

import { queryRows, type TenantDb } from "../../client";
import { byName } from "../shared/by-name";

const tables = { site: "client_sites", contact: "client_contacts" } as const;

/** The columns that name one on groups and assets. */
const links = { site: "site_id", contact: "contact_id" } as const;

export const partTable = (kind: ClientPartKind) => sql.identifier(tables[kind]);
export const partLink = (kind: ClientPartKind) => sql.identifier(links[kind]);

export type ClientPartRow<Kind extends ClientPartKind> = ClientPartValues[Kind] & {
  id: string;
  clientId: string;
};

const columns = (kind: ClientPartKind) =>
  sql.join(
    [
      sql`p.id`,
      sql`p.client_id as "clientId"`,
      ...clientPartFields[kind].map((f) => sql`p.${sql.identifier(f)}`),
    ],
    sql`, `,
  );

/** The sites or contacts of a client, by name; one statement. */
export const listClientParts = <Kind extends ClientPartKind>(
  tx: TenantDb,
  tenantId: string,
  kind: Kind,
  clientId: string,
): Promise<ClientPartRow<Kind>[]> =>
  queryRows<ClientPartRow<Kind>>(
    tx,
    sql`select ${columns(kind)} from ${partTable(kind)} p
        where p.tenant_id = ${tenantId} and p.client_id = ${clientId}
        order by ${byName(sql`p.name`)}, p.id`,
  );

/** The same of all clients that are not archived, with the client's name, by id, `limit` behind the row `after`. */
export const listAllClientParts = <Kind extends ClientPartKind>(
  tx: TenantDb,
  tenantId: string,
  kind: Kind,
  { clientId, after, limit }: { clientId?: string | undefined; after: string | undefined; limit: number },
): Promise<(ClientPartRow<Kind> & { client: string })[]> =>
  queryRows<ClientPartRow<Kind> & { client: string }>(
    tx,
    sql`select ${columns(kind)}, c.name as client
        from ${partTable(kind)} p join clients c on c.tenant_id = p.tenant_id and c.id = p.client_id
        where p.tenant_id = ${tenantId}
          and ${clientId === undefined ? sql`c.archived_at is null` : sql`p.client_id = ${clientId}`}
          and (${after ?? null}::uuid is null or p.id > ${after ?? null}::uuid)
        order by p.id limit ${limit}`,
  );

/** Locked until the transaction ends where it is about to be changed. */
export async function getClientPart<Kind extends ClientPartKind>(
  tx: TenantDb,
  tenantId: string,
  kind: Kind,
  id: string,
  { locked } = { locked: false },
): Promise<ClientPartRow<Kind> | undefined> {
  const [row] = await queryRows<ClientPartRow<Kind>>(
    tx,
    sql`select ${columns(kind)} from ${partTable(kind)} p
        where p.tenant_id = ${tenantId} and p.id = ${id} ${locked ? sql`for update` : sql``}`,
  );
  return row;
}

/** How many a client has. */
export async function countClientParts(
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  clientId: string,
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n from ${partTable(kind)} where tenant_id = ${tenantId} and client_id = ${clientId}`,
  );
  return row!.n;
}

/** Returns its id; null when the client has one of that name already (whatever its case). */
export async function insertClientPart<Kind extends ClientPartKind>(
  tx: TenantDb,
  tenantId: string,
  kind: Kind,
  clientId: string,
  values: ClientPartValues[Kind],
): Promise<string | null> {
  const given = values as unknown as Record<string, string | null>;
  const fields = clientPartFields[kind];
  const names = sql.join(
    fields.map((f) => sql.identifier(f)),
    sql`, `,
  );
  const cells = sql.join(
    fields.map((f) => sql`${given[f] ?? null}`),
    sql`, `,
  );
  const [row] = await queryRows<{ id: string }>(
    tx,
    sql`insert into ${partTable(kind)} (id, tenant_id, client_id, ${names})
        values (${uuidv7()}, ${tenantId}, ${clientId}, ${cells})
        on conflict (tenant_id, client_id, fold_text(name)) do nothing returning id`,
  );
  return row?.id ?? null;
}

/** @throws on a name that another of the client has: see `partNameKeys` */
export async function updateClientPart<Kind extends ClientPartKind>(
  tx: TenantDb,
  tenantId: string,
  kind: Kind,
  id: string,
  values: ClientPartValues[Kind],
): Promise<void> {
  const given = values as unknown as Record<string, string | null>;
  const set = sql.join(
    clientPartFields[kind].map((f) => sql`${sql.identifier(f)} = ${given[f] ?? null}`),
    sql`, `,
  );
  await tx.execute(sql`
    update ${partTable(kind)} set ${set}, updated_at = now() where tenant_id = ${tenantId} and id = ${id}`);
}

/** The unique indexes over the names. */
export const partNameKeys = { site: "client_sites_name_key", contact: "client_contacts_name_key" } as const;

/**
 * Removes one, from the assets and groups that name it too; an asset that kept it as an override follows its group
 * again. The mapping's version rises where a group named it. Returns how many assets and groups did.
 */
export async function deleteClientPart(
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  id: string,
  now: Date,
): Promise<{ assets: number; groups: number }> {
  const at = now.toISOString();
  const link = partLink(kind);
  const assets = await queryRows(
    tx,
    sql`update assets set ${link} = null, held_fields = array_remove(held_fields, ${kind}::text), updated_at = ${at}
        where tenant_id = ${tenantId} and ${link} = ${id} returning id`,
  );
  const groups = await queryRows(
    tx,
    sql`with freed as (
          update rmm_organization_mappings set ${link} = null, updated_at = ${at}
          where tenant_id = ${tenantId} and ${link} = ${id} returning integration_id
        ), raised as (
          update rmm_integrations set mapping_version = mapping_version + 1
          where tenant_id = ${tenantId} and id in (select integration_id from freed)
        )
        select integration_id from freed`,
  );
  await tx.execute(sql`delete from ${partTable(kind)} where tenant_id = ${tenantId} and id = ${id}`);
  return { assets: assets.length, groups: groups.length };
}
