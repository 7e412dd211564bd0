import { randomBytes } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import postgres from "postgres";

import { connectPostgres } from "@db/client";
import { openEmbedded } from "@db/embedded/open";
import { migrateToLatest } from "@db/migrate";

import { startPostgres } from "./postgres";

/** A database with the schema in it and no rows, that a test's own database is copied from. */
export interface PostgresTemplate {
  /** An account that may create databases; its own database is left alone. */
  url: string;
  /** One that may empty them in ways of its own; undefined on a server that is not ours. */
  superuserUrl: string | undefined;
  template: string;
}

export interface Disposable<T> {
  value: T;
  dispose(): Promise<void>;
}

/**
 * The role that owns the tests' databases. Not a superuser, so that the migrations prove that they need none, and
 * row-level security is met as an installation meets it.
 */
const OWNER = "plumbline_test_owner";

/**
 * Tests kill the app, never the server's machine: what is committed need not have reached the disk. They end before
 * autovacuum would have anything to do, and it would take its time from them. Each test opens connections of its own, and
 * each of these would compile the statements of a sync anew: two seconds of a core for rows that are read in no time.
 */
const FOR_TESTS = [
  "fsync=off",
  "synchronous_commit=off",
  "full_page_writes=off",
  "autovacuum=off",
  "jit=off",
];

/**
 * Makes the template on a cluster of its own, or on the server of `givenUrl` (TEST_DATABASE_URL), where nothing but
 * the template and its copies is created and both are removed again.
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
    // No session may stay on the template: it could not be copied.
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

/** Dumps a migrated embedded database into a file: a copy opens in a third of the time of a new one. */
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

/** Makes the role that owns the tests' databases, and returns the address with it. */
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
