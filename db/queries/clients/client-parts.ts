import { sql, type SQL } from "drizzle-orm";
import { v7 as uuidv7 } from "uuid";

import { clientPartFields, type ClientPartKind, type ClientPartValues } from "@domain/client-parts";

import { queryRows, type TenantDb } from "../../client";
import { uuidArray } from "../shared/arrays";
import { byClient, byName } from "../shared/by-name";

const tables = { site: "client_sites", contact: "client_contacts" } as const;

/** The columns of groups and assets that refer to a site or contact. */
const links = { site: "site_id", contact: "contact_id" } as const;

/** The table of sites or contacts. */
export const partTable = (kind: ClientPartKind) => sql.identifier(tables[kind]);
/** The column of assets and groups that refers to a site or contact. */
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

/** The sites or contacts of a client, ordered by name; one statement. */
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

/**
 * The sites or contacts of all clients that are not archived, or of one, with the client's name. Ordered by id: at most
 * `limit`, after the row `after`.
 */
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

/**
 * A site or contact; undefined if the tenant has none with this id. Pass `locked` to lock it until the transaction
 * ends, before changing it.
 */
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

/** How many sites or contacts a client has. */
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

/**
 * Adds a site or contact to a client. Returns its id; null if the client has one of this name already, ignoring case.
 */
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

/**
 * Changes a site or contact; does nothing if the tenant has none with this id.
 * @throws a unique violation of `partNameKeys` if the client has another one of this name
 */
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

/** The unique indexes on the names. */
export const partNameKeys = { site: "client_sites_name_key", contact: "client_contacts_name_key" } as const;

/**
 * Deletes a site or contact, and removes it from assets and groups. An asset that had it as an override follows its
 * group again. Raises the mapping's version of connections whose groups had it. Returns how many assets and groups had
 * it.
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

/** A site or contact of a client, by its name. */
export interface NamedPart {
  clientId: string;
  name: string;
}

/** How many of the given ids belong to the client beside them. */
export async function countPartsOf(
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  pairs: readonly { id: string; clientId: string | null }[],
): Promise<number> {
  const [row] = await queryRows<{ n: number }>(
    tx,
    sql`select count(*)::int as n
        from jsonb_to_recordset(${JSON.stringify(pairs)}::text::jsonb) as r(id uuid, "clientId" uuid)
        join ${partTable(kind)} p on p.tenant_id = ${tenantId} and p.id = r.id and p.client_id = r."clientId"`,
  );
  return row!.n;
}

/** The sites or contacts with these names. Creates those that are missing; two statements. */
export async function findOrCreateParts(
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  named: readonly NamedPart[],
): Promise<(NamedPart & { id: string })[]> {
  const wanted = JSON.stringify(named.map((one) => ({ ...one, id: uuidv7() })));
  await tx.execute(sql`
    insert into ${partTable(kind)} (id, tenant_id, client_id, name)
    select distinct on (r."clientId", fold_text(r.name)) r.id, ${tenantId}, r."clientId", r.name
    from jsonb_to_recordset(${wanted}::text::jsonb) as r(id uuid, "clientId" uuid, name text)
    on conflict (tenant_id, client_id, fold_text(name)) do nothing`);
  return (await findParts(tx, tenantId, kind, named)).map((part) => ({ ...part, id: part.id! }));
}

/** The sites or contacts with these names, with a null id for those that do not exist. One statement. */
export const findParts = (
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  named: readonly NamedPart[],
): Promise<(NamedPart & { id: string | null })[]> =>
  queryRows<NamedPart & { id: string | null }>(
    tx,
    sql`select r."clientId", r.name, p.id
        from jsonb_to_recordset(${JSON.stringify(named)}::text::jsonb) as r("clientId" uuid, name text)
        left join ${partTable(kind)} p on p.tenant_id = ${tenantId} and p.client_id = r."clientId"
          and fold_text(p.name) = fold_text(r.name)`,
  );

/** The names of the sites or contacts with these ids, by id. */
export async function namesOfParts(
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  ids: Iterable<string | null>,
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null);
  if (wanted.length === 0) return new Map();
  const rows = await queryRows<{ id: string; name: string }>(
    tx,
    sql`select id, name from ${partTable(kind)} where tenant_id = ${tenantId} and id = any(${uuidArray(wanted)})`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The sites or contacts of all clients that are not archived, ordered by name. */
export const listPartNames = (
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
): Promise<(NamedPart & { id: string })[]> =>
  queryRows<NamedPart & { id: string }>(
    tx,
    sql`select p.id, p.client_id as "clientId", p.name
        from ${partTable(kind)} p join clients c on c.tenant_id = p.tenant_id and c.id = p.client_id
        where p.tenant_id = ${tenantId} and c.archived_at is null order by ${byName(sql`p.name`)}, p.id`,
  );

/**
 * Sites or contacts to choose from: those of a client, or of all clients with the client's name in front. Ordered by
 * client and name, the chosen one first, at most `limit`. One statement.
 */
export const listPartChoices = (
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  clientId: string | undefined,
  chosenId: string | undefined,
  limit: number,
): Promise<{ id: string; name: string }[]> => {
  const ofClient = clientId === undefined || clientId === "none" ? sql`true` : sql`p.client_id = ${clientId}`;
  return queryRows(
    tx,
    sql`select p.id, ${clientId === undefined ? sql`concat(c.name, ': ', p.name)` : sql`p.name`} as name
        from ${partTable(kind)} p join clients c on c.tenant_id = p.tenant_id and c.id = p.client_id
        where p.tenant_id = ${tenantId} and (${ofClient} or p.id = ${chosenId ?? null}::uuid)
        order by p.id = ${chosenId ?? null}::uuid desc nulls last, ${byClient()}, ${byName(sql`p.name`)}, p.id
        limit ${limit}`,
  );
};

/** The names of the clients, sites and contacts with these ids, by id, including archived clients; one statement. */
export async function namesOfOwners(
  tx: TenantDb,
  tenantId: string,
  ids: readonly string[],
): Promise<Map<string, string>> {
  if (ids.length === 0) return new Map();
  const named = (table: SQL) =>
    sql`select id, name from ${table} where tenant_id = ${tenantId} and id = any(${uuidArray(ids)})`;
  const rows = await queryRows<{ id: string; name: string }>(
    tx,
    sql`${named(sql`clients`)} union all ${named(sql`client_sites`)} union all ${named(sql`client_contacts`)}`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}
