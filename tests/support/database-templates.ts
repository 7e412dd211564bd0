import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import postgres from "postgres";

import { connectPostgres } from "@db/client";
import { openEmbedded } from "@db/embedded/open";
import { migrateToLatest } from "@db/migrate";

import { startPostgres } from "./postgres";

/** A migrated, empty database from which each test's database is copied. */
export interface PostgresTemplate {
  /** The address of a user that may create databases; its own database is not touched. */
  url: string;
  /** The address of a superuser that may empty databases; undefined on a server that is not ours. */
  superuserUrl: string | undefined;
  template: string;
}

export interface Disposable<T> {
  value: T;
  dispose(): Promise<void>;
}

/**
 * The role that owns the tests' databases. Not a superuser, which proves that the migrations need none and that
 * row-level security applies as in an installation.
 */
const OWNER = "plumbline_test_owner";

/**
 * Settings of the tests' server. Tests kill the app, never the server's machine, so commits need not reach the disk.
 * Autovacuum would only take CPU, because tests end before it is needed. Each test opens connections of its own, and
 * each would compile (JIT) the statements of a sync again: two seconds of a core for rows that take no time to read.
 */
const FOR_TESTS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "autovacuum=off",
  "jit=off",
];

/**
 * Makes the template on a cluster of its own, or on the server of `givenUrl` (TEST_DATABASE_URL), where it creates only
 * the template and its copies and removes both again.
 */
export async function makePostgresTemplate(
  givenUrl: string | undefined,
): Promise<Disposable<PostgresTemplate>> {
  const server = givenUrl === undefined ? await startPostgres(FOR_TESTS) : undefined;
  try {
    const url = server === undefined ? givenUrl! : await withOwner(server.url);
    const template = `plumbline_template_${randomBytes(4).toString("hex")}`;
    await administer(url, (sql) => sql.unsafe(`create database ${template}`));
    const templateUrl = databaseUrl(url, template);
    const connection = connectPostgres(templateUrl, { poolSize: 1 });
    // Postgres copies a template only while it has no sessions.
    await migrateToLatest(connection).finally(() => connection.close());
    return {
      value: { url, superuserUrl: server?.url, template },
      dispose: async () => {
        if (server !== undefined) return server.stop();
        await administer(url, (sql) => sql.unsafe(`drop database ${template} with (force)`));
      },
    };
  } catch (error) {
    await server?.stop();
    throw error;
  }
}

/** Dumps a migrated embedded database into a file: opening a copy takes a third of the time of a new one. */
export async function makeEmbeddedSnapshot(): Promise<Disposable<string>> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-snapshot-"));
  const file = path.join(folder, "snapshot.tar");
  const database = await openEmbedded();
  try {
    await migrateToLatest(database);
    writeFileSync(file, await database.dump());
  } finally {
    await database.close();
  }
  return { value: file, dispose: async () => rmSync(folder, { recursive: true, force: true }) };
}

/** Runs statements outside any transaction, on a connection of their own. */
export async function administer(url: string, work: (sql: postgres.Sql) => Promise<unknown>): Promise<void> {
  const sql = postgres(url, { max: 1, onnotice: () => {} });
  try {
    await work(sql);
  } finally {
    await sql.end({ timeout: 5 });
  }
}

export function databaseUrl(url: string, database: string): string {
  const target = new URL(url);
  target.pathname = `/${database}`;
  return target.href;
}

/** Makes the role that owns the tests' databases, and returns the address with its credentials. */
export async function withOwner(superuserUrl: string): Promise<string> {
  const password = randomBytes(16).toString("hex");
  await administer(superuserUrl, (sql) =>
    sql.unsafe(`create role ${OWNER} login createdb createrole password '${password}'`),
  );
  const url = new URL(superuserUrl);
  url.username = OWNER;
  url.password = password;
  return url.href;
}
