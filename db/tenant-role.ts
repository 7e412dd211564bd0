import { getTableName, sql, type SQL } from "drizzle-orm";
import { getTableConfig, PgDialect } from "drizzle-orm/pg-core";

import { queryRows, withTenant, type Db } from "./client";
import { ownTableNames, ownTables } from "./own-tables";

/** What the tenant role may not do, in a schema where it may otherwise read and write every row that its policy shows. */
const withheld: Record<string, string> = {
  audit_log: "UPDATE, DELETE, TRUNCATE",
  tenant_feature_flags: "INSERT, UPDATE, DELETE, TRUNCATE",
};

/**
 * The app may not act for a tenant, and cannot fix that itself: typically after a backup was restored on another
 * server, because it contains no roles, nor the grants and policies that name them. `statements` are for an
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

/** Another process, or another database of the server, may be faster: then the statement fails, and all is well. */
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
 * Brings back what a restore lost of the tenant role: grants, what is withheld, and policies. Does nothing where nothing
 * is missing. Comes after the migrations, and ends with a transaction as every page makes it.
 * @throws TenantRoleError with what is still missing
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
    // Without any, the fault is another one, and says so.
    if (missing.length === 0) throw error;
    throw new TenantRoleError("the app may not read and write for a tenant", missing, error);
  }
}

const dialect = new PgDialect();

const missingAccess = async (db: Db): Promise<SQL[]> => [
  ...(await missingGrants(db)),
  ...(await missingPolicies(db)),
];

/** Refuses tables and schemas that a superuser restored in the name of another role, one line for each. */
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
  // One of them runs with its owner's rights, and later versions replace them all.
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

/** Whether a table lets the role do too little or too much, and the statements that put it right. */
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

/** Policies of the schema that the database lacks; a restore without the role skips them and continues. */
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
