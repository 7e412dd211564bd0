import { sql } from "drizzle-orm";

import { clientPartFields, type ClientPartKind } from "@domain/client-parts";

import { queryRows, type TenantDb } from "../../client";
import { partTable } from "./client-parts";

/** The stored counterpart of a row of the file. Queries return them in the order of the file's rows. */
export interface StoredRow {
  /** Equal for two rows that name the same thing. The database builds it, because only the database compares names. */
  key: string;
  /** For a site or contact: its client; null if there is no active client of this name. */
  clientId: string | null;
  /** How many sites, or contacts, the client has. */
  siblings: number;
  /** The id of the existing client, site or contact; null if there is none. */
  id: string | null;
  values: Record<string, string | null>;
}

const numbered = (rows: readonly object[]): string => JSON.stringify(rows.map((row, n) => ({ ...row, n })));

/** The clients with these names; one statement. */
export const findStoredClients = (
  tx: TenantDb,
  tenantId: string,
  rows: readonly { name: string }[],
): Promise<StoredRow[]> =>
  queryRows<StoredRow>(
    tx,
    sql`select fold_text(r.name) as key, null as "clientId", 0 as siblings, c.id, jsonb_build_object('notes', c.notes) as values
        from jsonb_to_recordset(${numbered(rows)}::text::jsonb) as r(n int, name text)
        left join clients c on c.tenant_id = ${tenantId} and c.archived_at is null and fold_text(c.name) = fold_text(r.name)
        order by r.n`,
  );

/** The sites or contacts with these names, each of the client named beside it; one statement. */
export const findStoredParts = (
  tx: TenantDb,
  tenantId: string,
  kind: ClientPartKind,
  rows: readonly { client: string; name: string }[],
): Promise<StoredRow[]> =>
  queryRows<StoredRow>(
    tx,
    sql`with had as (
          select client_id, count(*)::int as n from ${partTable(kind)} where tenant_id = ${tenantId} group by 1
        )
        select fold_text(r.client) || chr(10) || fold_text(r.name) as key, c.id as "clientId",
          coalesce(had.n, 0) as siblings, p.id, coalesce(to_jsonb(p), '{}') as values
        from jsonb_to_recordset(${numbered(rows)}::text::jsonb) as r(n int, client text, name text)
        left join clients c on c.tenant_id = ${tenantId} and c.archived_at is null and fold_text(c.name) = fold_text(r.client)
        left join had on had.client_id = c.id
        left join ${partTable(kind)} p on p.tenant_id = ${tenantId} and p.client_id = c.id
          and fold_text(p.name) = fold_text(r.name)
        order by r.n`,
  );

/** The values of a row to write, with the id of the new or existing client, site or contact. */
export interface ImportedRow {
  id: string;
  clientId: string | null;
  values: Record<string, string | null>;
}

const importedFields = { client: ["name", "notes"], ...clientPartFields } as const;
export type ImportedKind = keyof typeof importedFields;

const target = (kind: ImportedKind) => (kind === "client" ? sql`clients` : sql`${partTable(kind)}`);

/**
 * Inserts rows; one statement.
 * @throws a unique violation if another transaction took one of the names meanwhile
 */
export async function insertImported(
  tx: TenantDb,
  tenantId: string,
  kind: ImportedKind,
  rows: readonly ImportedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const names = importedFields[kind].map((field) => sql.identifier(field));
  const owner = kind === "client" ? sql`` : sql`client_id,`;
  const ownerOf = kind === "client" ? sql`` : sql`r."clientId",`;
  await tx.execute(sql`
    insert into ${target(kind)} (id, tenant_id, ${owner} ${sql.join(names, sql`, `)})
    select r.id, ${tenantId}::uuid, ${ownerOf} ${sql.join(
      importedFields[kind].map((field) => sql`r.values ->> ${field}::text`),
      sql`, `,
    )}
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, "clientId" uuid, values jsonb)`);
}

/** Updates the fields that the rows contain, except names; one statement. */
export async function updateImported(
  tx: TenantDb,
  tenantId: string,
  kind: ImportedKind,
  rows: readonly ImportedRow[],
): Promise<void> {
  if (rows.length === 0) return;
  const fields = importedFields[kind].filter((field) => field !== "name");
  const set = fields.map((field) => {
    const column = sql.identifier(field);
    return sql`${column} = case when jsonb_exists(r.values, ${field}::text) then r.values ->> ${field}::text else t.${column} end`;
  });
  await tx.execute(sql`
    update ${target(kind)} t set ${sql.join(set, sql`, `)}, updated_at = now()
    from jsonb_to_recordset(${JSON.stringify(rows)}::text::jsonb) as r(id uuid, values jsonb)
    where t.tenant_id = ${tenantId} and t.id = r.id`);
}
