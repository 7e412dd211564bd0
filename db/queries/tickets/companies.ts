import { and, asc, eq, sql } from "drizzle-orm";

import { queryRows, type TenantDb } from "../../client";
import { clients, ticketCompanies } from "../../schema";

interface SystemRef {
  tenantId: string;
  systemId: string;
}

/** Every client that is not archived, ordered by name, with its id in a ticket system; null if that is unknown. */
export const listClientCompanies = (tx: TenantDb, { tenantId, systemId }: SystemRef) =>
  tx
    .select({ id: clients.id, name: clients.name, companyId: ticketCompanies.companyId })
    .from(clients)
    .leftJoin(
      ticketCompanies,
      and(eq(ticketCompanies.clientId, clients.id), eq(ticketCompanies.systemId, systemId)),
    )
    .where(and(eq(clients.tenantId, tenantId), sql`${clients.archivedAt} is null`))
    .orderBy(asc(clients.name), asc(clients.id));

/** The id of an incident's client in a ticket system; null if it is unknown. */
export async function findCompanyOfIncident(
  tx: TenantDb,
  { tenantId, systemId }: SystemRef,
  incidentId: string,
): Promise<string | null> {
  const [row] = await queryRows<{ companyId: string }>(
    tx,
    sql`select c.company_id as "companyId" from incidents i
        join ticket_companies c on c.client_id = i.client_id and c.system_id = ${systemId}
        where i.tenant_id = ${tenantId} and i.id = ${incidentId}`,
  );
  return row?.companyId ?? null;
}

/**
 * Sets the ids of clients in a ticket system. An empty id removes the entry. Skips clients of other tenants. One
 * statement.
 */
export async function setClientCompanies(
  tx: TenantDb,
  { tenantId, systemId }: SystemRef,
  rows: readonly { clientId: string; companyId: string }[],
): Promise<void> {
  if (rows.length === 0) return;
  await tx.execute(sql`
    with r as (
      select r."clientId", r."companyId" from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb)
        as r("clientId" uuid, "companyId" text)
      join clients c on c.tenant_id = ${tenantId} and c.id = r."clientId"
    ), gone as (
      delete from ticket_companies t using r
      where t.tenant_id = ${tenantId} and t.system_id = ${systemId} and t.client_id = r."clientId" and r."companyId" = ''
    )
    insert into ticket_companies (tenant_id, system_id, client_id, company_id)
    select ${tenantId}, ${systemId}, r."clientId", r."companyId" from r where r."companyId" <> ''
    on conflict (system_id, client_id) do update set company_id = excluded.company_id`);
}
