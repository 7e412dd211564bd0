import { sql, type SQL } from "drizzle-orm";
import { makePgArray, PgDialect } from "drizzle-orm/pg-core";
import { drizzle, type PostgresJsDatabase } from "drizzle-orm/postgres-js";
import postgres from "postgres";
import { parse } from "postgres-array";

import { readDatabaseUrl, tlsOf } from "./connection-url";
import { FairPlaces, limitsOf } from "./fair-places";
import { cancelOnDrop, inTurn, markAsPages, pageTimeoutMs, type Backend } from "./page-statements";
import * as schema from "./schema";
import { waitingForSlot, type SlotWait } from "./waiting-client";

/** A database or a transaction in it: what every query takes as its first argument. */
export type Db = Omit<PostgresJsDatabase<typeof schema>, "$client">;

/** A transaction under the tenant role, made by `withTenant` alone. */
export type TenantDb = Db & { readonly __tenant: unique symbol };

export interface DatabaseConnection {
  db: Db;
  /** For pages: connections of their own, so that searches hold up neither webhooks nor syncs. Else `db`. */
  pages?: Db;
  kind: "postgres" | "embedded";
  /** For a database in this process: fulfilled with the reason when it fails for good. Only a restart helps. */
  failed?: Promise<unknown>;
  close(): Promise<void>;
}

/** The most connections of a pool, unless another number is given. */
const POOL_SIZE = 10;

/** Somebody waits for the page: longer than this is as good as an error. */
const SLOT_WAIT_MS = 10_000;

/** For how long a statement of a page may work. */
const PAGE_TIMEOUT_MS = 15_000;

/**
 * Arrays of texts, the only ones we have. The driver would ask each connection for the types of arrays, and one that is
 * cut just then would end the process: nothing waits for that answer.
 */
const TEXT_ARRAY_OID = 1009;
const textArray = {
  to: TEXT_ARRAY_OID,
  from: [TEXT_ARRAY_OID],
  serialize: (value: string | string[]) => (Array.isArray(value) ? makePgArray(value) : value),
  parse: (text: string) => parse(text),
};

const common = { onnotice: () => {}, fetch_types: false, types: { textArray } } as const;

/** What we rely on, whatever server, database or role say; poolers pass these on. */
const sessionSettings = {
  DateStyle: "ISO, MDY",
  TimeZone: "UTC",
  // The driver sends settings as texts.
  standard_conforming_strings: "on" as unknown as boolean,
} as const;

/**
 * Opens a pool on a Postgres server. Nothing is dialled until the first query.
 * @throws what reading a certificate's file throws
 */
export function connectPostgres(
  url: string,
  options: { poolSize?: number; slotWait?: SlotWait } = {},
): DatabaseConnection {
  const address = readDatabaseUrl(url);
  const ssl = tlsOf(address);
  const client = postgres(address.url, {
    ...common,
    max: options.poolSize ?? POOL_SIZE,
    // A try that the server refuses is repeated by us, with a back-off and a bound of our own.
    backoff: () => 0.05,
    connection: { application_name: "plumbline", ...sessionSettings },
    ...(ssl === undefined ? {} : { ssl }),
  });
  const waiting = waitingForSlot(client, options.slotWait ?? { waitMs: SLOT_WAIT_MS });
  return { db: drizzle(waiting, { schema }), kind: "postgres", close: () => client.end({ timeout: 5 }) };
}

/**
 * Two pools on a server, with this many connections together: one for pages, whose statements are bounded, and one for
 * everything else. With a single connection there is one pool.
 */
export function connectPools(url: string, size: number, timeoutMs = PAGE_TIMEOUT_MS): DatabaseConnection {
  const work = connectPostgres(url, { poolSize: Math.max(1, Math.floor(size / 2)) });
  if (size < 2) return work;
  const ofPages = Math.ceil(size / 2);
  const pages = connectPostgres(url, { poolSize: ofPages });
  markAsPages(pages.db, { cancelBy: work.db, timeoutMs, places: new FairPlaces(limitsOf(ofPages)) });
  return {
    ...work,
    pages: pages.db,
    close: async () => {
      await Promise.all([work.close(), pages.close()]);
    },
  };
}

/**
 * Opens the one connection to an embedded database behind a Unix socket.
 * One, because the embedded database is a single session: two connections could interleave their unnamed
 * statements and would share `set_config`.
 */
export function connectSocket(socketDir: string, port: number): { db: Db; close(): Promise<void> } {
  const client = postgres({
    ...common,
    max: 1,
    host: socketDir,
    port,
    path: `${socketDir}/.s.PGSQL.${port}`,
    user: "postgres",
    database: "postgres",
    connect_timeout: 30,
    idle_timeout: 0,
    max_lifetime: null,
  });
  return { db: drizzle(client, { schema }), close: () => client.end({ timeout: 5 }) };
}

/**
 * Runs `work` in one transaction that can see and write the rows of `tenantId` alone, without just-in-time compilation:
 * to compile a list's statement takes longer than to run it. Set here, because poolers refuse it where a session begins.
 * The second wall behind `tenant_id` in every query. Pass the transaction on: on the embedded database a query
 * on the outer handle would wait for its own transaction for ever.
 */
export async function withTenant<T>(
  db: Db,
  tenantId: string,
  work: (tx: TenantDb) => Promise<T>,
): Promise<T> {
  const timeoutMs = pageTimeoutMs(db);
  if (timeoutMs !== undefined)
    return inTurn(db, tenantId, () => db.transaction((tx) => asPage({ db, timeoutMs }, tx, tenantId, work)));
  return db.transaction(async (tx) => {
    await queryPrepared(
      tx,
      sql`select set_config('role', 'plumbline_tenant', true), set_config('app.tenant_id', ${tenantId}, true),
            set_config('jit', 'off', true)`,
    );
    return work(tx as unknown as TenantDb);
  });
}

/** The same with a bound for each statement, and an end when the browser has gone; see `endWith`. */
async function asPage<T>(
  { db, timeoutMs }: { db: Db; timeoutMs: number },
  tx: Db,
  tenantId: string,
  work: (tx: TenantDb) => Promise<T>,
): Promise<T> {
  const [backend] = await queryPrepared<Backend>(
    tx,
    sql`select pg_backend_pid() as pid, now()::text as started, set_config('role', 'plumbline_tenant', true),
          set_config('app.tenant_id', ${tenantId}, true), set_config('jit', 'off', true),
          set_config('statement_timeout', ${String(timeoutMs)}, true)`,
  );
  const done = cancelOnDrop(db, backend!);
  try {
    return await work(tx as unknown as TenantDb);
  } finally {
    done();
  }
}

/** Runs a statement and returns its rows, typed by the caller (who wrote the select list). */
export async function queryRows<Row extends object = Record<string, unknown>>(
  db: Db,
  statement: SQL,
): Promise<Row[]> {
  return (await db.execute(statement)) as unknown as Row[];
}

const dialect = new PgDialect();

/**
 * Like `queryRows`, for the statements of each page, whose text never varies: each connection parses such a statement
 * once and stops planning it after a few calls, and a call takes one round trip instead of two. A statement assembled
 * from parts would leave one prepared statement per variant on each connection.
 */
export async function queryPrepared<Row extends object = Record<string, unknown>>(
  db: Db,
  statement: SQL,
): Promise<Row[]> {
  const query = db._.session.prepareQuery(dialect.sqlToQuery(statement), undefined, "prepared", false);
  return (await query.execute()) as unknown as Row[];
}
