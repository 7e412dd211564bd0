import { and, asc, eq, gt, inArray, isNotNull, isNull, sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { clients, rmmIntegrations, rmmOrganizationMappings } from "../../schema";
import { byClient, byName } from "../shared/by-name";
import { contains, sameName } from "../shared/search";

export interface ClientListFilter {
  text: string | undefined;
  archived: boolean;
}

/** The clients that match, ordered by id: at most `limit`, after the client `after`. */
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

/** The tenant's client with this id, or undefined. */
export async function getClient(tx: TenantDb, tenantId: string, clientId: string) {
  const [row] = await tx
    .select()
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), eq(clients.id, clientId)));
  return row;
}

/** The clients with these ids that exist, locked until the transaction ends. Always locks in the same order. */
export async function lockClients(tx: TenantDb, tenantId: string, ids: string[]) {
  return tx
    .select()
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), inArray(clients.id, ids)))
    .orderBy(asc(clients.id))
    .for("no key update");
}

/** The names of clients, ordered; includes archived ones if `withArchived` is set. */
export async function listClientNames(
  tx: TenantDb,
  tenantId: string,
  { withArchived } = { withArchived: false },
) {
  return tx
    .select({ id: clients.id, name: clients.name })
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), withArchived ? undefined : isNull(clients.archivedAt)))
    .orderBy(byClient(clients.nameKey), asc(clients.id));
}

/** The names of the clients with these ids, by id, including archived ones; one statement. */
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

/** Adds a client. Returns null if there is one of this name already, ignoring case. */
export async function insertClient(
  tx: TenantDb,
  client: { tenantId: string; name: string; notes: string | null },
): Promise<{ id: string } | null> {
  const [row] = await tx.insert(clients).values(client).onConflictDoNothing().returning({ id: clients.id });
  return row ?? null;
}

/** Whether another client that is not archived has this name, ignoring case and Unicode form. */
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

/** Sets columns of a client; does nothing if the tenant has no such client. */
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

/** The groups that are mapped to this client, with their connections. */
export async function listMappedGroups(tx: TenantDb, tenantId: string, clientId: string) {
  return tx
    .select({
      id: rmmOrganizationMappings.id,
      connectionId: rmmOrganizationMappings.connectionId,
      externalId: rmmOrganizationMappings.externalId,
      path: rmmOrganizationMappings.path,
      goneAt: rmmOrganizationMappings.goneAt,
      integration: rmmIntegrations.label,
      provider: rmmIntegrations.provider,
    })
    .from(rmmOrganizationMappings)
    .innerJoin(rmmIntegrations, eq(rmmIntegrations.id, rmmOrganizationMappings.connectionId))
    .where(
      and(
        eq(rmmOrganizationMappings.tenantId, tenantId),
        eq(rmmOrganizationMappings.clientId, clientId),
        eq(rmmOrganizationMappings.state, "mapped"),
      ),
    )
    .orderBy(byName(rmmOrganizationMappings.path), asc(rmmOrganizationMappings.id));
}

/** The number of the tenant's archived clients. */
export async function countArchived(tx: TenantDb, tenantId: string): Promise<number> {
  const [row] = await tx
    .select({ n: sql<number>`count(*)::int` })
    .from(clients)
    .where(and(eq(clients.tenantId, tenantId), isNotNull(clients.archivedAt)));
  return row?.n ?? 0;
}
