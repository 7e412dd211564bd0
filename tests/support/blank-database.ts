import { randomBytes } from "node:crypto";

import { inject } from "vitest";

import { connectPostgres } from "@db/client";
import { openEmbedded } from "@db/embedded/open";

import { testDatabaseKind, type DatabaseKind, type TestDatabase } from "./database";
import { administer, databaseUrl } from "./database-templates";

/** A database without a single table, as an administrator creates it. */
export async function createBlankDatabase(kind: DatabaseKind = testDatabaseKind()): Promise<TestDatabase> {
  if (kind === "embedded") {
    const embedded = await openEmbedded();
    return { db: embedded.db, connection: embedded, kind, close: () => embedded.close() };
  }
  const { url } = inject("postgresTemplate");
  const name = `plumbline_blank_${randomBytes(6).toString("hex")}`;
  await administer(url, (sql) => sql.unsafe(`create database ${name}`));
  const connection = connectPostgres(databaseUrl(url, name));
  return {
    db: connection.db,
    connection,
    kind,
    url: databaseUrl(url, name),
    close: async () => {
      await connection.close();
      await administer(url, (sql) => sql.unsafe(`drop database ${name} with (force)`));
    },
  };
}
