import { randomBytes } from "node:crypto";

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
      await administer(url, (sql) => sql.unsafe(`drop database ${name} with (force)`));
    },
  };
}

async function openSnapshot(): Promise<TestDatabase> {
  const connection = await openEmbedded({ snapshotFile: inject("embeddedSnapshot") });
  return { db: connection.db, connection, kind: "embedded", close: () => connection.close() };
}
