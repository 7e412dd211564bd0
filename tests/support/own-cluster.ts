import { connectPostgres } from "@db/client";
import { migrateToLatest } from "@db/migrate";

import type { TestDatabase } from "./database";
import { administer, databaseUrl, withOwner } from "./database-templates";
import { startPostgres, type ThrowAwayPostgres } from "./postgres";

/** A migrated database on a server of its own, which the test may stop. */
export interface OwnCluster {
  database: TestDatabase & { url: string };
  server: ThrowAwayPostgres;
  /** Ends all sessions and then admits at most `limit`; -1 for no limit. Superusers do not count. */
  limitSessions(sessions: number): Promise<void>;
}

const NAME = "plumbline_own";

/** Commits survive the end of the server but not of the machine; no test needs the latter. */
const SETTINGS = ["fsync=off", "autovacuum=off", "jit=off", "max_wal_size=64MB"];

/** @param parent folder for the cluster */
export async function openOwnCluster(parent?: string): Promise<OwnCluster> {
  const server = await startPostgres(SETTINGS, parent);
  try {
    const owner = await withOwner(server.url);
    await administer(owner, (sql) => sql.unsafe(`create database ${NAME}`));
    const url = databaseUrl(owner, NAME);
    const connection = connectPostgres(url);
    await migrateToLatest(connection);
    return {
      server,
      database: {
        db: connection.db,
        connection,
        kind: "postgres",
        url,
        close: async () => {
          await connection.close();
          await server.stop();
        },
      },
      limitSessions: (sessions) =>
        administer(server.url, async (sql) => {
          await sql.unsafe(`alter database ${NAME} connection limit ${sessions}`);
          if (sessions >= 0)
            await sql.unsafe(
              `select pg_terminate_backend(pid) from pg_stat_activity where datname = '${NAME}'`,
            );
        }),
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}
