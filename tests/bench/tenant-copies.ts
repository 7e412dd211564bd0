import { administer } from "../support/database-templates";

/** A tenant with a connection and no rows, and the tenant whose rows it gets. */
export interface TenantCopy {
  tenantId: string;
  connectionId: string;
  from: { tenantId: string; connectionId: string };
}

/** Tables that the use cases fill for each tenant, or that a sync does not need. */
const NOT_COPIED = [
  "api_tokens",
  "audit_log",
  "notifications",
  "rmm_events",
  "rmm_integrations",
  "rmm_webhook_deliveries",
  "sessions",
  "tenant_secrets",
  "users",
];

/** Tenants per statement. */
const AT_ONCE = 50;

/** Milliseconds. Ids begin with a time; each copy starts this much earlier, so that its ids lie side by side. */
const APART_MS = 600_000;

/**
 * Gives tenants the rows that a sync wrote for another, with ids of their own. A thousand first syncs take twenty
 * minutes of two cores, their copies five. Needs a superuser, because triggers and foreign keys are off meanwhile.
 */
export async function copyTenants(url: string, copies: readonly TenantCopy[]): Promise<void> {
  await administer(url, async (sql) => {
    await sql.unsafe(`set session_replication_role = replica; set synchronous_commit = off; set jit = off`);
    await sql.unsafe(
      `create temporary table copies (place int, tenant_id uuid, connection_id uuid, from_tenant uuid, from_connection uuid)`,
    );
    await sql.unsafe(`
      create function pg_temp.moved(id uuid, place int) returns uuid language sql immutable as $$
        select (lpad(to_hex((('x' || translate(left(id::text, 13), '-', ''))::bit(48)::bigint
          - place * ${APART_MS}::bigint) & 281474976710655), 12, '0') || substr(id::text, 15))::uuid $$`);
    const rows = copies.map(({ tenantId, connectionId, from }, n) => ({
      place: n + 1,
      tenant_id: tenantId,
      connection_id: connectionId,
      from_tenant: from.tenantId,
      from_connection: from.connectionId,
    }));
    for (let n = 0; n < rows.length; n += 1_000)
      await sql`insert into copies ${sql(rows.slice(n, n + 1_000))}`;
    const columns = await sql<{ table: string; column: string; type: string }[]>`
      select c.table_name as table, c.column_name as column, c.udt_name as type
      from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
      where c.table_schema = 'public' and t.table_type = 'BASE TABLE' and c.is_generated = 'NEVER'
        and c.is_identity = 'NO' and c.table_name <> all(${NOT_COPIED})
        and exists (select from information_schema.columns k where k.table_schema = 'public'
          and k.table_name = c.table_name and k.column_name = 'tenant_id')
      order by c.table_name, c.ordinal_position`;
    const tables = [...new Set(columns.map(({ table }) => table))].map(
      (table) => [table, columns.filter((column) => column.table === table)] as const,
    );
    for (let first = 1; first <= rows.length; first += AT_ONCE)
      for (const [table, its] of tables)
        await sql.unsafe(`
          insert into ${table} (${its.map(({ column }) => `"${column}"`).join(", ")})
          select ${its.map(copied).join(", ")}
          from copies c join ${table} t on t.tenant_id = c.from_tenant
          where c.place between ${first} and ${first + AT_ONCE - 1}
          on conflict do nothing`);
    await sql.unsafe("vacuum analyze");
  });
}

function copied({ column, type }: { column: string; type: string }): string {
  const value = `t."${column}"`;
  if (column === "tenant_id") return "c.tenant_id";
  if (type === "uuid")
    return `case when ${value} = c.from_connection then c.connection_id else pg_temp.moved(${value}, c.place) end`;
  if (type === "_uuid")
    return `(select array_agg(pg_temp.moved(id, c.place) order by place) from unnest(${value}) with ordinality u (id, place))`;
  // It names the client that the group leads to: with the client of the other tenant, each device would seem to move.
  if (column === "reported")
    return `case when ${value} ->> 'clientId' is null then ${value}
      else jsonb_set(${value}, '{clientId}', to_jsonb(pg_temp.moved((${value} ->> 'clientId')::uuid, c.place))) end`;
  if (column === "key")
    return `replace(replace(${value}, c.from_tenant::text, c.tenant_id::text), c.from_connection::text, c.connection_id::text)`;
  return value;
}
