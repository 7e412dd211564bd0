import { connectPostgres } from "@db/client";
import { migrateToLatest } from "@db/migrate";

import type { TestDatabase } from "./database";
import { administer, databaseUrl, withOwner } from "./database-templates";
import { startPostgres, type ThrowAwayPostgres } from "./postgres";

/** A migrated database on a server that the test may stop, and that others do not meet. */
export interface OwnCluster {
  database: TestDatabase & { url: string };
  server: ThrowAwayPostgres;
  /** Lets at most so many sessions in, after it has ended all; -1 for no limit. A superuser is not counted. */
  limitSessions(sessions: number): Promise<void>;
}

const NAME = "plumbline_own";

/** What is committed survives the end of the server, and not the end of the machine: no test asks for that. */
const SETTINGS = ["fsync=off", "autovacuum=off", "jit=off", "max_wal_size=64MB"];

/** @param parent the folder that holds the cluster */
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
