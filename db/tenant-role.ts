import { getTableName, sql, type SQL } from "drizzle-orm";
import { getTableConfig, PgDialect } from "drizzle-orm/pg-core";

import { queryRows, withTenant, type Db } from "./client";
import { ownTableNames, ownTables } from "./own-tables";

/** What the tenant role may not do. It may read and write every other row that its policies show. */
const withheld: Record<string, string> = {
  audit_log: "UPDATE, DELETE, TRUNCATE",
  tenant_feature_flags: "INSERT, UPDATE, DELETE, TRUNCATE",
};

/**
 * The app may not act for a tenant, and cannot mend that itself. The usual cause is a backup restored on another
 * server: a backup contains no roles, and so loses the grants and policies that name them. `statements` are for an
 * administrator.
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

/**
 * Runs a transaction as every page does, for a tenant that does not exist.
 * @throws the database's error if the app may not act for tenants
 */
export async function proveTenantTransaction(db: Db): Promise<void> {
  await withTenant(db, "00000000-0000-0000-0000-000000000000", (tx) =>
    tx.execute(sql`select from tenants limit 1`),
  );
}

/**
 * Creates the tenant role and makes the current user a member of it, where either is missing. Must run before the
 * migrations, because they name the role.
 * @throws TenantRoleError with the statements that an administrator has to run, also if the tables belong to another
 * role
 */
export async function ensureTenantRole(db: Db): Promise<void> {
  const [row] = await queryRows<{ user: string }>(db, sql`select quote_ident(current_user) as user`);
  await refuseForeignTables(db);
  const create = "create role plumbline_tenant nologin;";
  const grant = `grant plumbline_tenant to ${row!.user};`;
  await ensure(db, { isDone: hasRole, statement: create, byHand: [create, grant] });
  await ensure(db, { isDone: mayActAsTenant, statement: grant, byHand: [grant] });
  if (!(await mayActAsTenant(db))) throw new TenantRoleError("the app may not act for a tenant", [grant]);
}

interface Step {
  isDone: (db: Db) => Promise<boolean>;
  statement: string;
  /** What an administrator has to run if the app may not. */
  byHand: string[];
}

/**
 * Runs the statement unless its effect exists. Another process, or another database of the same server, may be faster:
 * the statement then fails, but its effect exists, so that failure is ignored.
 */
async function ensure(db: Db, { isDone, statement, byHand }: Step): Promise<void> {
  if (await isDone(db)) return;
  try {
    await db.execute(sql.raw(statement));
  } catch (error) {
    if (await isDone(db)) return;
    throw new TenantRoleError("the app may not make the role that acts for tenants", byHand, error);
  }
}

const hasRole = async (db: Db): Promise<boolean> =>
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
 * Restores what a restored backup lost of the tenant role: grants, withheld rights, and policies. Changes nothing if
 * nothing is missing. Must run after the migrations; ends with a transaction as every page makes it.
 * @throws TenantRoleError with the statements for what is still missing
 */
export async function mendTenantAccess(db: Db): Promise<void> {
  const statements = await missingAccess(db);
  try {
    if (statements.length > 0)
      await db.transaction(async (tx) => {
        for (const statement of statements) await tx.execute(statement);
      });
    await proveTenantTransaction(db);
  } catch (error) {
    const missing = (await missingAccess(db)).map((statement) => `${dialect.sqlToQuery(statement).sql};`);
    // If no access is missing, the error has another cause and states it.
    if (missing.length === 0) throw error;
    throw new TenantRoleError("the app may not read and write for a tenant", missing, error);
  }
}

const dialect = new PgDialect();

const missingAccess = async (db: Db): Promise<SQL[]> => [
  ...(await missingGrants(db)),
  ...(await missingPolicies(db)),
];

/**
 * Refuses tables and schemas that a superuser restored as the property of another role.
 * @throws TenantRoleError with one statement for each of them
 */
async function refuseForeignTables(db: Db): Promise<void> {
  const rows = await queryRows<{ owner: string; statement: string }>(
    db,
    sql`select pg_get_userbyid(nspowner) as owner, format('alter schema %I owner to %I;', nspname, current_user) as statement
        from pg_namespace
        where nspname in ('runner', 'drizzle') and not pg_has_role(current_user, nspowner, 'USAGE')
        union all
        select pg_get_userbyid(c.relowner), format('alter table %I.%I owner to %I;', n.nspname, c.relname, current_user)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind = 'r' and not pg_has_role(current_user, c.relowner, 'USAGE')
          and (n.nspname in ('runner', 'drizzle') or n.nspname = 'public' and c.relname in ${ownTableNames})`,
  );
  if (rows.length === 0) return;
  // One function runs with its owner's rights, and later migrations replace all of them, so they must change owner too.
  const functions = await queryRows<{ statement: string }>(
    db,
    sql`select format('alter function %s owner to %I;', p.oid::regprocedure, current_user) as statement from pg_proc p
        where p.pronamespace = 'public'::regnamespace and not pg_has_role(current_user, p.proowner, 'USAGE')
          and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
  );
  throw new TenantRoleError(
    `the tables belong to ${rows[0]!.owner}, not to the app's user`,
    [...rows, ...functions].map(({ statement }) => statement),
  );
}

/** The statements that correct tables on which the role may do too little or too much. */
async function missingGrants(db: Db): Promise<SQL[]> {
  const rows = await queryRows<{ name: string; usage: boolean; granted: string[] }>(
    db,
    sql`select c.relname as name, has_schema_privilege('plumbline_tenant', 'public', 'USAGE') as usage,
          array(select p from unnest(array['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE']) p
                where has_table_privilege('plumbline_tenant', c.oid, p)) as granted
        from pg_class c where c.relnamespace = 'public'::regnamespace and c.relkind = 'r' and c.relname in ${ownTableNames}`,
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

/**
 * The statements that create the policies that the database lacks. A restore without the role skips policies and
 * continues.
 */
async function missingPolicies(db: Db): Promise<SQL[]> {
  const found = await queryRows<{ table: string; name: string }>(
    db,
    sql`select c.relname as "table", p.polname as name from pg_policy p join pg_class c on c.oid = p.polrelid
        where c.relnamespace = 'public'::regnamespace and c.relrowsecurity
          and (select oid from pg_roles where rolname = 'plumbline_tenant') = any(p.polroles)`,
  );
  const isThere = new Set(found.map(({ table, name }) => `${table} ${name}`));
  return ownTables.flatMap((table) =>
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
