import { sql } from "drizzle-orm";

import { queryRows, type Db } from "./client";

const MIN_VERSION = 14;

/** The app cannot work with this server or its settings. `remedy` is a line of SQL, or a sentence. */
export class UnfitServerError extends Error {
  override readonly name = "UnfitServerError";
  constructor(
    message: string,
    readonly remedy: string,
  ) {
    super(message);
  }
}

interface ServerFacts extends Record<string, unknown> {
  version: number;
  versionText: string;
  encoding: string;
  isStandby: boolean;
  isReadOnly: boolean;
  isolation: string;
  schema: string | null;
  searchPath: string;
  mayCreate: boolean;
  role: string;
  database: string;
}

/**
 * Refuses a server on which the app would fail later and less clearly: too old, a standby, another encoding than UTF-8,
 * or unfit settings with which the role's sessions begin. Settings that a session may change itself are not checked:
 * the app sets them when it opens the session.
 */
export async function refuseUnfitServer(db: Db): Promise<void> {
  const [facts] = await queryRows<ServerFacts>(
    db,
    sql`select current_setting('server_version_num')::int / 10000 as version,
          current_setting('server_version') as "versionText", current_setting('server_encoding') as encoding,
          pg_is_in_recovery() as "isStandby", current_setting('default_transaction_read_only') = 'on' as "isReadOnly",
          current_setting('default_transaction_isolation') as isolation, (current_schemas(false))[1]::text as schema,
          current_setting('search_path') as "searchPath",
          exists (select from pg_tables where schemaname = 'drizzle' and tablename = '__drizzle_migrations')
            or has_schema_privilege('public', 'CREATE') as "mayCreate",
          quote_ident(current_user) as role, quote_ident(current_database()) as database`,
  );
  const problem = problemOf(facts!);
  if (problem !== null) throw new UnfitServerError(problem.message, problem.remedy);
}

/** With fewer connections a syncing process has none left for pages. */
const MIN_POOL = 2;
const MAX_POOL = 10;

/** Connections for the command line, a second process, and an administrator. */
const LEFT_TO_OTHERS = 2;

/** How many connections this process may hold: what the server, database and role allow, less `LEFT_TO_OTHERS`. */
export async function readPoolSize(db: Db): Promise<number> {
  const [row] = await queryRows<{ slots: number }>(
    db,
    sql`select least(nullif(r.rolconnlimit, -1), nullif(d.datconnlimit, -1),
            current_setting('max_connections')::int - current_setting('superuser_reserved_connections')::int
              - coalesce(current_setting('reserved_connections', true)::int, 0)) as slots
        from pg_roles r, pg_database d where r.rolname = current_user and d.datname = current_database()`,
  );
  return Math.max(MIN_POOL, Math.min(MAX_POOL, row!.slots - LEFT_TO_OTHERS));
}

function problemOf(facts: ServerFacts): { message: string; remedy: string } | null {
  const { role, database } = facts;
  const reset = (setting: string, value: string) =>
    `alter role ${role} in database ${database} set ${setting} = ${value};`;
  if (facts.version < MIN_VERSION)
    return {
      message: `this is Postgres ${facts.versionText}`,
      remedy: `Postgres ${MIN_VERSION} or newer is needed.`,
    };
  if (facts.encoding !== "UTF8")
    return {
      message: `the database's encoding is ${facts.encoding}`,
      remedy: `Make it anew in UTF-8: create database ${database} encoding 'UTF8' template template0;`,
    };
  if (facts.isStandby)
    return { message: "this server is a standby and takes no writes", remedy: "Name the primary server." };
  if (facts.isReadOnly)
    return {
      message: `default_transaction_read_only is on for ${role}`,
      remedy: reset("default_transaction_read_only", "off"),
    };
  if (facts.isolation !== "read committed")
    return {
      message: `default_transaction_isolation is "${facts.isolation}" for ${role}`,
      remedy: reset("default_transaction_isolation", "'read committed'"),
    };
  if (facts.schema !== "public")
    return {
      message: `the search_path of ${role} is ${facts.searchPath}, and the tables are in the schema public`,
      remedy: reset("search_path", "public"),
    };
  if (!facts.mayCreate)
    return {
      message: `${role} may not create tables in the schema public`,
      remedy: `grant create on schema public to ${role};`,
    };
  return null;
}
