import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import { sql } from "drizzle-orm";
import postgres from "postgres";
import { inject } from "vitest";

import { connectPostgres, queryRows, type DatabaseConnection, type Db } from "@db/client";
import { startEmbedded, type EmbeddedServer } from "@db/embedded/open";

import { administer, databaseUrl } from "./database-templates";

export type DatabaseKind = "postgres" | "embedded";

export interface TestDatabase {
  db: Db;
  connection: DatabaseConnection;
  kind: DatabaseKind;
  /** For other processes; the embedded database lives in the test's own process and has none. */
  url?: string;
  close(): Promise<void>;
}

/** Which database this run of the tests is about: the project says (TEST_DATABASE), else Postgres. */
export function testDatabaseKind(): DatabaseKind {
  return process.env["TEST_DATABASE"] === "embedded" ? "embedded" : "postgres";
}

/** An empty, migrated database of the test's own: a copy of the template, or an embedded one in memory. */
export function createTestDatabase(kind: DatabaseKind = testDatabaseKind()): Promise<TestDatabase> {
  return kind === "postgres" ? clonePostgres() : openSnapshot();
}

async function clonePostgres(): Promise<TestDatabase> {
  const { url, template } = inject("postgresTemplate");
  const name = `plumbline_test_${randomBytes(6).toString("hex")}`;
  await administer(url, (sql) => sql.unsafe(`create database ${name} template ${template}`));
  const ownUrl = databaseUrl(url, name);
  const connection = connectPostgres(ownUrl);
  return {
    db: connection.db,
    connection,
    kind: "postgres",
    url: ownUrl,
    close: async () => {
      await connection.close();
      await administer(url, (sql) => dropDatabase(sql, name));
    },
  };
}

/** Autovacuum may be at work in it, and only a superuser may end that: it is waited for, a little. */
async function dropDatabase(sql: postgres.Sql, name: string): Promise<void> {
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
}

/**
 * Started by this process and not in use: to start one takes longer than most tests, to empty one no time. They end with
 * the process.
 */
const idle: EmbeddedServer[] = [];

async function openSnapshot(): Promise<TestDatabase> {
  const server = idle.pop() ?? (await startEmbedded({ snapshotFile: inject("embeddedSnapshot") }));
  const { db, close } = server.connect();
  return {
    db,
    connection: { db, kind: "embedded", close },
    kind: "embedded",
    close: async () => {
      // What a test left running meets a closed connection, never the next test's rows.
      await close();
      await emptyTables(server);
      idle.push(server);
    },
  };
}

async function emptyTables(server: EmbeddedServer): Promise<void> {
  const { db, close } = server.connect();
  const [row] = await queryRows<{ tables: string }>(
    db,
    sql`select string_agg(format('%I.%I', schemaname, tablename), ', ') as tables
        from pg_tables where schemaname in ('public', 'runner')`,
  );
  await db.execute(sql.raw(`truncate ${row!.tables} restart identity cascade`));
  // What the planner was told of the rows that were: it would take the next test's tenants for ones without any.
  await db.execute(sql`
    delete from pg_statistic
    where starelid in (select oid from pg_class where relnamespace in ('public'::regnamespace, 'runner'::regnamespace))`);
  await close();
}
