import { getTableName, is, sql, type SQL } from "drizzle-orm";
import { getTableConfig, PgTable } from "drizzle-orm/pg-core";

import { queryRows, withTenant, type Db } from "./client";
import * as schema from "./schema";

/** What the tenant role may not do, in a schema where it may otherwise read and write every row that its policy shows. */
const withheld: Record<string, string> = {
  audit_log: "UPDATE, DELETE, TRUNCATE",
  tenant_feature_flags: "INSERT, UPDATE, DELETE, TRUNCATE",
};

/**
 * The app may not act for a tenant, and could not mend that: typically after a backup was restored on another server,
 * since roles, and with them grants and policies that name them, stay behind. `statements` are for an administrator.
 */
export class TenantRoleError extends Error {
  override readonly name = "TenantRoleError";
  constructor(
    message: string,
    readonly statements: string[],
    cause?: unknown,
  ) {
    super(message, { cause });
  }
}

/** A transaction as every page makes it, of a tenant that does not exist. @throws what the database says against it */
export async function proveTenantTransaction(db: Db): Promise<void> {
  await withTenant(db, "00000000-0000-0000-0000-000000000000", (tx) =>
    tx.execute(sql`select from tenants limit 1`),
  );
}

/**
 * Makes the role, and the current user a member of it, where either is missing. Comes before the migrations, which name
 * the role.
 * @throws TenantRoleError with what an administrator has to run, also where the tables belong to somebody else
 */
export async function ensureTenantRole(db: Db): Promise<void> {
  const [state] = await queryRows<{ exists: boolean; user: string }>(
    db,
    sql`select exists (select from pg_roles where rolname = 'plumbline_tenant') as exists,
               quote_ident(current_user) as user`,
  );
  const { exists, user } = state!;
  await refuseForeignTables(db);
  const create = "create role plumbline_tenant nologin;";
  const grant = `grant plumbline_tenant to ${user};`;
  if (!exists) await attempt(db, create, [create, grant]);
  if (!(await mayActAsTenant(db))) await attempt(db, grant, [grant]);
  if (!(await mayActAsTenant(db))) throw new TenantRoleError("the app may not act for a tenant", [grant]);
}

/** Another process, or another database of the server, may be faster: then the role is there all the same. */
async function attempt(db: Db, statement: string, statements: string[]): Promise<void> {
  try {
    await db.execute(sql.raw(statement));
  } catch (error) {
    if (await hasRole(db, statement)) return;
    throw new TenantRoleError("the app may not make the role that acts for tenants", statements, error);
  }
}

const hasRole = async (db: Db, statement: string): Promise<boolean> =>
  statement.startsWith("create") &&
  (await queryRows(db, sql`select from pg_roles where rolname = 'plumbline_tenant'`)).length > 0;

async function mayActAsTenant(db: Db): Promise<boolean> {
  try {
    await db.transaction((tx) => tx.execute(sql`set local role plumbline_tenant`));
    return true;
  } catch {
    return false;
  }
}

/**
 * Brings back what a restore lost of the tenant role: grants, what is withheld, and policies. Does nothing where nothing
 * is missing. Comes after the migrations.
 */
export async function mendTenantAccess(db: Db): Promise<void> {
  const statements = [...(await missingGrants(db)), ...(await missingPolicies(db))];
  if (statements.length === 0) return;
  await db.transaction(async (tx) => {
    for (const statement of statements) await tx.execute(statement);
  });
}

async function refuseForeignTables(db: Db): Promise<void> {
  const rows = await queryRows<{ owner: string; user: string }>(
    db,
    sql`select distinct pg_get_userbyid(c.relowner) as owner, quote_ident(current_user) as user
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname in ('public', 'runner', 'drizzle') and c.relkind in ('r', 'S')
          and not pg_has_role(current_user, c.relowner, 'USAGE')`,
  );
  if (rows.length === 0) return;
  const { owner, user } = rows[0]!;
  throw new TenantRoleError(
    `the tables belong to ${owner}, not to the app's user`,
    [`reassign owned by "${owner.replaceAll('"', '""')}" to ${user};`].concat(
      owner === "postgres" ? ["-- better: restore again with pg_restore --no-owner, as the app's user"] : [],
    ),
  );
}

const tables = Object.values(schema).flatMap((value: unknown) => (is(value, PgTable) ? [value] : []));

/** Whether a table lets the role do too little or too much, and the statements that put it right. */
async function missingGrants(db: Db): Promise<SQL[]> {
  const rows = await queryRows<{ name: string; usage: boolean; granted: string[] }>(
    db,
    sql`select c.relname as name, has_schema_privilege('plumbline_tenant', 'public', 'USAGE') as usage,
          array(select p from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
                where has_table_privilege('plumbline_tenant', c.oid, p)) as granted
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r'`,
  );
  const statements: SQL[] = [];
  if (rows.some(({ usage }) => !usage))
    statements.push(sql`grant usage on schema public to plumbline_tenant`);
  for (const { name, granted } of rows) {
    const denied = (withheld[name] ?? "TRUNCATE").split(", ");
    const allowed = ["SELECT", "INSERT", "UPDATE", "DELETE"].filter(
      (privilege) => !denied.includes(privilege),
    );
    if (allowed.some((privilege) => !granted.includes(privilege)))
      statements.push(
        sql`grant ${sql.raw(allowed.join(", "))} on ${sql.identifier(name)} to plumbline_tenant`,
      );
    if (denied.some((privilege) => granted.includes(privilege)))
      statements.push(
        sql`revoke ${sql.raw(denied.join(", "))} on ${sql.identifier(name)} from plumbline_tenant`,
      );
  }
  const [defaults] = await queryRows<{ granted: boolean }>(
    db,
    sql`select exists (
          select from pg_default_acl d cross join lateral aclexplode(d.defaclacl) a
          join pg_roles r on r.oid = a.grantee and r.rolname = 'plumbline_tenant'
          where d.defaclobjtype = 'r' and d.defaclnamespace = 'public'::regnamespace
            and d.defaclrole = current_user::regrole) as granted`,
  );
  if (!defaults!.granted)
    statements.push(
      sql`alter default privileges in schema public grant select, insert, update, delete on tables to plumbline_tenant`,
    );
  return statements;
}

/** Policies of the schema that the database lacks; a restore without the role leaves them out and goes on. */
async function missingPolicies(db: Db): Promise<SQL[]> {
  const found = await queryRows<{ table: string; name: string }>(
    db,
    sql`select tablename as "table", policyname as name from pg_policies
        where schemaname = 'public' and 'plumbline_tenant' = any(roles)`,
  );
  const isThere = new Set(found.map(({ table, name }) => `${table} ${name}`));
  return tables.flatMap((table) =>
    getTableConfig(table).policies.flatMap((policy) => {
      const name = getTableName(table);
      if (isThere.has(`${name} ${policy.name}`)) return [];
      return [
        sql`alter table ${table} enable row level security`,
        sql`drop policy if exists ${sql.identifier(policy.name)} on ${table}`,
        sql`create policy ${sql.identifier(policy.name)} on ${table} as permissive for all to plumbline_tenant
            using (${policy.using!}) with check (${policy.withCheck!})`,
      ];
    }),
  );
}
