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

/** A database, or a transaction in it. Every query takes one as its first argument. */
export type Db = Omit<PostgresJsDatabase<typeof schema>, "$client">;

/** A transaction under the tenant role. Only `withTenant` makes one. */
export type TenantDb = Db & { readonly __tenant: unique symbol };

/** An open database: its handles, and how to close it. */
export interface DatabaseConnection {
  db: Db;
  /**
   * A handle with connections for pages alone, so that searches hold up neither webhooks nor syncs. Absent: pages use
   * `db`.
   */
  pages?: Db;
  kind: "postgres" | "embedded";
  /** For a database in this process: resolves with the reason if it fails for good. Then only a restart helps. */
  failed?: Promise<unknown>;
  close(): Promise<void>;
}

/** The most connections of a pool, unless the caller gives another number. */
const POOL_SIZE = 10;

/** A person waits for the page: for them a longer wait is as bad as an error. */
const SLOT_WAIT_MS = 10_000;

/** How long a statement of a page may take. */
const PAGE_TIMEOUT_MS = 15_000;

/**
 * The type of arrays of text, the only arrays that our statements use. We state it because the driver would otherwise
 * query the array types on each new connection, without handling that query's failure: a connection cut at that moment
 * would end the process.
 */
const TEXT_ARRAY_OID = 1009;
const textArray = {
  to: TEXT_ARRAY_OID,
  from: [TEXT_ARRAY_OID],
  serialize: (value: string | string[]) => (Array.isArray(value) ? makePgArray(value) : value),
  parse: (text: string) => parse(text),
};

const common = { onnotice: () => {}, fetch_types: false, types: { textArray } } as const;

/** Settings that the code relies on, whatever the server, database or role set. Poolers pass these settings on. */
const sessionSettings = {
  DateStyle: "ISO, MDY",
  TimeZone: "UTC",
  // The driver's type says boolean, but it sends settings as text.
  standard_conforming_strings: "on" as unknown as boolean,
} as const;

/**
 * Opens a pool on a Postgres server. It connects at the first query, not before.
 * @throws the file system's error if a certificate named in the address cannot be read
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
    // `waitingForSlot` repeats a refused connection with its own back-off and limit, so the driver itself hardly waits.
    backoff: () => 0.05,
    connection: { application_name: "plumbline", ...sessionSettings },
    ...(ssl === undefined ? {} : { ssl }),
  });
  const waiting = waitingForSlot(client, options.slotWait ?? { waitMs: SLOT_WAIT_MS });
  return { db: drizzle(waiting, { schema }), kind: "postgres", close: () => client.end({ timeout: 5 }) };
}

/**
 * Opens two pools on a server, with `size` connections together: one for pages, whose statements have a time limit of
 * `timeoutMs`, and one for everything else. With a single connection, both share one pool without a limit.
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
 * Opens the only connection to an embedded database behind a Unix socket. There is only one because the embedded
 * database is a single session: two connections could interleave their unnamed statements and would share `set_config`.
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
 * Runs `work` in one transaction that sees and writes only the rows of `tenantId`: the second wall behind `tenant_id`
 * in every query. Turns off just-in-time compilation, because compiling a list's statement takes longer than running
 * it; poolers refuse this setting at the start of a session, so the transaction makes it. Pass the transaction on: on
 * the embedded database a query on the outer handle would wait for its own transaction forever.
 * @throws LeftBeforeTurnError on a handle for pages, if the reader leaves before the transaction begins
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

/**
 * Like `withTenant`, with a time limit for each statement, and cancelled if the browser disconnects (see `endWith`). A
 * statement has one parallel worker at most: a page reads on two connections, and more workers than processors take a
 * fifth longer (two workers on two processors).
 */
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
          set_config('statement_timeout', ${String(timeoutMs)}, true),
          set_config('max_parallel_workers_per_gather',
            least(current_setting('max_parallel_workers_per_gather')::int, 1)::text, true)`,
  );
  const done = cancelOnDrop(db, backend!);
  try {
    return await work(tx as unknown as TenantDb);
  } finally {
    done();
  }
}

/** What the parts of `readAtOnce` return, by their names. */
type PartResults<Parts extends Record<string, (tx: TenantDb) => Promise<unknown>>> = {
  [Name in keyof Parts]: Awaited<ReturnType<Parts[Name]>>;
};

/**
 * Reads parts of a page at the same time, each in a transaction of the tenant: on a server they use several processors,
 * on the embedded database they follow one another. They are for long statements that do not need each other's results.
 * Ends when all parts have ended. Must not be called inside a transaction.
 * @throws what the first part that failed has thrown
 */
export async function readAtOnce<Parts extends Record<string, (tx: TenantDb) => Promise<unknown>>>(
  db: Db,
  tenantId: string,
  parts: Parts,
): Promise<PartResults<Parts>> {
  const names = Object.keys(parts);
  const settled = await Promise.allSettled(names.map((name) => withTenant(db, tenantId, parts[name]!)));
  const results = settled.map((part) => {
    if (part.status === "rejected") throw part.reason;
    return part.value;
  });
  return Object.fromEntries(names.map((name, n) => [name, results[n]])) as PartResults<Parts>;
}

/** Runs a statement and returns its rows. The caller, who wrote the select list, states their type. */
export async function queryRows<Row extends object = Record<string, unknown>>(
  db: Db,
  statement: SQL,
): Promise<Row[]> {
  return (await db.execute(statement)) as unknown as Row[];
}

const dialect = new PgDialect();

/**
 * Like `queryRows`, for statements that run for each page and whose text never varies. Each connection parses such a
 * statement once and stops planning it after a few calls, and a call takes one round trip instead of two. Do not use it
 * for a statement assembled from parts: each variant would stay on each connection as a prepared statement.
 */
export async function queryPrepared<Row extends object = Record<string, unknown>>(
  db: Db,
  statement: SQL,
): Promise<Row[]> {
  const query = db._.session.prepareQuery(dialect.sqlToQuery(statement), undefined, "prepared", false);
  return (await query.execute()) as unknown as Row[];
}
