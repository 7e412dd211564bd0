import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import postgres from "postgres";
import { inject } from "vitest";

import { connectPostgres, type DatabaseConnection, type Db } from "@db/client";
import { startEmbedded, type EmbeddedServer } from "@db/embedded/open";

import { administer, databaseUrl } from "./database-templates";
import { emptyDatabase } from "./empty-database";

export type DatabaseKind = "postgres" | "embedded";

export interface TestDatabase {
  db: Db;
  connection: DatabaseConnection;
  kind: DatabaseKind;
  /** For other processes. The embedded database lives in the test's own process and has no address. */
  url?: string;
  close(): Promise<void>;
}

/** The database kind of this run: from the project (TEST_DATABASE), otherwise Postgres. */
export function testDatabaseKind(): DatabaseKind {
  return process.env["TEST_DATABASE"] === "embedded" ? "embedded" : "postgres";
}

/** An empty, migrated database for one test: a copy of the template, or an embedded one in memory. */
export function createTestDatabase(kind: DatabaseKind = testDatabaseKind()): Promise<TestDatabase> {
  return kind === "postgres" ? openPostgres() : openSnapshot();
}

/**
 * Databases that this process made and no test uses. Making one takes longer than most tests; emptying one takes almost
 * no time. They end with the process or the cluster.
 */
const idle = { postgres: [] as PostgresCopy[], embedded: [] as EmbeddedServer[] };

interface PostgresCopy {
  url: string;
  /** Empties the database; undefined on a server where we may not, so that it is dropped instead. */
  superuser: Db | undefined;
}

async function openPostgres(): Promise<TestDatabase> {
  const copy = idle.postgres.pop() ?? (await copyTemplate());
  const connection = connectPostgres(copy.url);
  return {
    db: connection.db,
    connection,
    kind: "postgres",
    url: copy.url,
    close: async () => {
      await connection.close();
      if (copy.superuser === undefined) return dropDatabase(copy.url);
      // Closes what a test left running, in this process or another, so that it never sees the next test's rows.
      await endSessions(copy.superuser);
      await emptyDatabase(copy.superuser);
      idle.postgres.push(copy);
    },
  };
}

async function copyTemplate(): Promise<PostgresCopy> {
  const { url, superuserUrl, template } = inject("postgresTemplate");
  const name = `plumbline_test_${randomBytes(6).toString("hex")}`;
  await administer(url, (sql) => sql.unsafe(`create database ${name} template ${template}`));
  const superuser =
    superuserUrl === undefined
      ? undefined
      : connectPostgres(databaseUrl(superuserUrl, name), { poolSize: 1 }).db;
  return { url: databaseUrl(url, name), superuser };
}

/** Ends every other session in the database, and waits until their locks are gone. */
async function endSessions(superuser: Db): Promise<void> {
  const others = sql`from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()`;
  await superuser.execute(sql`select pg_terminate_backend(pid, 10000) ${others}`);
}

/** Autovacuum may be working, and only a superuser may end it: waits briefly. */
async function dropDatabase(databaseToDrop: string): Promise<void> {
  const name = new URL(databaseToDrop).pathname.slice(1);
  await administer(inject("postgresTemplate").url, async (sql) => {
    for (let attempt = 1; ; attempt++) {
      try {
        await sql.unsafe(`drop database ${name} with (force)`);
        return;
      } catch (error) {
        const isBusy = error instanceof postgres.PostgresError && error.code === "42501";
        if (!isBusy || attempt === 20) throw error;
        await sleep(250);
      }
    }
  });
}

async function openSnapshot(): Promise<TestDatabase> {
  const server = idle.embedded.pop() ?? (await startEmbedded({ snapshotFile: inject("embeddedSnapshot") }));
  const { db, close } = server.connect();
  return {
    db,
    connection: { db, kind: "embedded", close },
    kind: "embedded",
    close: async () => {
      await close();
      const after = server.connect();
      await emptyDatabase(after.db);
      await after.close();
      idle.embedded.push(server);
    },
  };
}
