import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";

import postgres from "postgres";
import { inject } from "vitest";

import { connectPostgres, type DatabaseConnection, type Db } from "@db/client";
import { openEmbedded } from "@db/embedded/open";

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

/** An empty, migrated database of the test's own: a copy of the template, or the snapshot opened in memory. */
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

async function openSnapshot(): Promise<TestDatabase> {
  const connection = await openEmbedded({ snapshotFile: inject("embeddedSnapshot") });
  return { db: connection.db, connection, kind: "embedded", close: () => connection.close() };
}
