import { existsSync } from "node:fs";

import type { DatabaseConnection } from "@db/client";
import type { Manifest } from "@db/transfer/snapshot";
import { openAsIs } from "~/platform/database.server";
import { keyIdsOf, loadAppSecret } from "~/platform/vault.server";

import { countOf, table } from "./output";

/** Opens a database without migrating it, and closes it afterwards. */
export async function withDatabase<T>(
  where: { databaseUrl: string | undefined; dataDir: string },
  work: (connection: DatabaseConnection) => Promise<T>,
): Promise<T> {
  const connection = await openAsIs(where);
  try {
    return await work(connection);
  } finally {
    await connection.close();
  }
}

/** The ids of keys that sealed secrets of this database and that this installation lacks. */
export function missingKeys(
  secretKeys: string[],
  config: { appSecret: string | undefined; dataDir: string },
): string[] {
  const secret =
    config.appSecret === undefined && !existsSync(`${config.dataDir}/app-secret`)
      ? undefined
      : loadAppSecret(config);
  const ours = secret === undefined ? [] : keyIdsOf(secret);
  return secretKeys.filter((key) => !ours.includes(key));
}

/** What the keeper of a backup must know about its secrets. */
export function describeKeys(secretKeys: string[], missing: string[]): string {
  if (secretKeys.length === 0) return "It holds no sealed secrets.";
  const sealed = `Its secrets stay sealed under the ${secretKeys.length === 1 ? "key" : "keys"} ${secretKeys.join(", ")}.`;
  return missing.length === 0
    ? `${sealed} The APP_SECRET of this installation opens them: keep it somewhere else.`
    : `${sealed} The APP_SECRET of this installation does not have ${missing.join(", ")}: put the one they were sealed with behind yours, separated by a comma (with the embedded database, it is the file app-secret in DATA_DIR).`;
}

/** The number of rows of each table that has any, and their sum. */
export function describeRows({ tables }: Pick<Manifest, "tables">): string {
  const filled = Object.entries(tables).filter(([, { rows }]) => rows > 0);
  return `${table(
    ["Table", "Rows", "Hash"],
    filled.map(([name, { rows, hash }]) => [name, rows, hash.slice(0, 12)]),
  )}\n${countOf(rowsIn(tables), "row")} in ${countOf(Object.keys(tables).length, "table")}.`;
}

const rowsIn = (tables: Manifest["tables"]): number =>
  Object.values(tables).reduce((sum, { rows }) => sum + rows, 0);
