import { and, asc, eq, gt, inArray, isNotNull, isNull, sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { clients, rmmOrganizationMappings } from "../../schema";
import { byName } from "../shared/by-name";
import { contains, sameName } from "../shared/search";

export interface ClientListRow {
  id: string;
  name: string;
  notes: string | null;
  isArchived: boolean;
  assets: number;
  servers: number;
  online: number;
  patches: number;
  groups: number;
  /** Of the whole list, not of the page. */
  total: number;
}

export interface ClientListFilter {
  text: string | undefined;
  archived: boolean;
}

/** A page of clients with what they own, by name; one statement. */
export async function listClients(
  tx: TenantDb,
  tenantId: string,
  filter: ClientListFilter,
  page: { limit: number; offset: number },
): Promise<ClientListRow[]> {
  const text = filter.text === undefined ? sql`` : sql`and ${contains(sql`c.name`, filter.text)}`;
  return queryRows<ClientListRow>(
    tx,
    sql`
      with page as (
        select c.*, count(*) over ()::int as total
        from clients c
        where c.tenant_id = ${tenantId} and (c.archived_at is not null) = ${filter.archived} ${text}
        order by ${byName(sql`c.name`)}, c.id
        limit ${page.limit} offset ${page.offset}
      ), owned as (
        select a.client_id, count(*)::int as assets,
          count(*) filter (where a.asset_type = 'server')::int as servers,
          count(*) filter (where exists (
            select 1 from tenant_external_entity_mappings m
            where m.tenant_id = a.tenant_id and m.asset_id = a.id and m.agent_status = 'online' and m.gone_at is null
          ))::int as online,
          coalesce(sum(d.pending_os_patches), 0)::int as patches
        from assets a
        left join asset_details d on d.asset_id = a.id
        where a.tenant_id = ${tenantId} and a.status = 'active' and a.client_id in (select id from page)
        group by a.client_id
      ), mapped as (
        select client_id, count(*)::int as groups
        from rmm_organization_mappings
        where tenant_id = ${tenantId} and state = 'mapped' and gone_at is null and client_id in (select id from page)
        group by client_id
      )
      select page.id, page.name, page.notes, page.archived_at is not null as "isArchived", page.total,
        coalesce(owned.assets, 0) as assets, coalesce(owned.servers, 0) as servers,
        coalesce(owned.online, 0) as online, coalesce(owned.patches, 0) as patches,
        coalesce(mapped.groups, 0) as groups
      from page
      left join owned on owned.client_id = page.id
      left join mapped on mapped.client_id = page.id
      order by ${byName(sql`page.name`)}, page.id`,
  );
}

/** Clients that fit, by id, `limit` behind the client `after`. */
export async function listClientsById(
  tx: TenantDb,
  tenantId: string,
  { text, archived }: ClientListFilter,
  page: { after: string | undefined; limit: number },
) {
  return tx
    .select()
    .from(clients)
    .where(
      and(
        eq(clients.tenantId, tenantId),
        archived ? isNotNull(clients.archivedAt) : isNull(clients.archivedAt),
        text === undefined ? undefined : contains(clients.name, text),
        page.after === undefined ? undefined : gt(clients.id, page.after),
      ),
    )
    .orderBy(asc(clients.id))
    .limit(page.limit);
}

export async function getClient(tx: TenantDb, tenantId: string, clientId: string) {
  const [row] = await tx
    .select()
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), eq(clients.id, clientId)));
  return row;
}

/** The clients of these ids that there are, locked until the transaction ends; in one order, whoever locks them. */
export async function lockClients(tx: TenantDb, tenantId: string, ids: string[]) {
  return tx
    .select()
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), inArray(clients.id, ids)))
    .orderBy(asc(clients.id))
    .for("no key update");
}

/** Names of clients, in order; archived ones only with `withArchived`. */
export async function listClientNames(
  tx: TenantDb,
  tenantId: string,
  { withArchived } = { withArchived: false },
) {
  return tx
    .select({ id: clients.id, name: clients.name })
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), withArchived ? undefined : isNull(clients.archivedAt)))
    .orderBy(byName(clients.name), asc(clients.id));
}

/** The names of these clients, archived ones included, by id; one statement. */
export async function namesOfClients(
  tx: TenantDb,
  tenantId: string,
  ids: Iterable<string | null>,
): Promise<Map<string, string>> {
  const wanted = [...new Set(ids)].filter((id) => id !== null);
  if (wanted.length === 0) return new Map();
  const rows = await queryRows<{ id: string; name: string }>(
    tx,
    sql`select id, name from clients where tenant_id = ${tenantId}
          and id in (select jsonb_array_elements_text(${JSON.stringify(wanted)}::text::jsonb)::uuid)`,
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** Null when a client of that name is there already (whatever its case). */
export async function insertClient(
  tx: TenantDb,
  client: { tenantId: string; name: string; notes: string | null },
): Promise<{ id: string } | null> {
  const [row] = await tx.insert(clients).values(client).onConflictDoNothing().returning({ id: clients.id });
  return row ?? null;
}

export async function isNameTaken(
  tx: TenantDb,
  tenantId: string,
  name: string,
  exceptId: string,
): Promise<boolean> {
  const rows = await tx
    .select({ id: clients.id })
    .from(clients)
    .where(
      and(
        eq(clients.tenantId, tenantId),
        isNull(clients.archivedAt),
        sameName(clients.name, sql`${name}`),
        sql`${clients.id} <> ${exceptId}`,
      ),
    );
  return rows.length > 0;
}

export async function updateClient(
  tx: TenantDb,
  tenantId: string,
  clientId: string,
  set: Partial<Pick<typeof clients.$inferInsert, "name" | "notes" | "archivedAt">>,
): Promise<void> {
  await tx
    .update(clients)
    .set({ ...set, updatedAt: sql`now()` })
    .where(and(eq(clients.tenantId, tenantId), eq(clients.id, clientId)));
}

/** The groups that give this client its devices. */
export async function listMappedGroups(tx: TenantDb, tenantId: string, clientId: string) {
  return tx
    .select({
      id: rmmOrganizationMappings.id,
      integrationId: rmmOrganizationMappings.integrationId,
      externalId: rmmOrganizationMappings.externalId,
      path: rmmOrganizationMappings.path,
      goneAt: rmmOrganizationMappings.goneAt,
    })
    .from(rmmOrganizationMappings)
    .where(
      and(
        eq(rmmOrganizationMappings.tenantId, tenantId),
        eq(rmmOrganizationMappings.clientId, clientId),
        eq(rmmOrganizationMappings.state, "mapped"),
      ),
    )
    .orderBy(byName(rmmOrganizationMappings.path), asc(rmmOrganizationMappings.id));
}

/** Makes the clients whose names are not there yet; one statement. Returns the names made. */
export async function importClients(
  tx: TenantDb,
  tenantId: string,
  rows: { id: string; name: string; notes: string | null }[],
): Promise<string[]> {
  const made = await queryRows<{ name: string }>(
    tx,
    sql`
      insert into clients (id, tenant_id, name, notes)
      select id, ${tenantId}::uuid, name, notes
      from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, name text, notes text)
      on conflict do nothing
      returning name`,
  );
  return made.map((row) => row.name);
}

export async function countArchived(tx: TenantDb, tenantId: string): Promise<number> {
  const [row] = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), isNotNull(clients.archivedAt)));
  return row?.n ?? 0;
}
