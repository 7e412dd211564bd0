import { existsSync } from "node:fs";
import path from "node:path";

import type { Db } from "@db/client";
import { countPendingMigrations } from "@db/migrate";
import { listTables } from "@db/transfer/catalog";
import { loadSnapshot, refuseFullTarget, refuseOtherVersion } from "@db/transfer/load";
import { withSnapshot, type Manifest } from "@db/transfer/snapshot";
import { TransferError } from "@db/transfer/transfer-error";

import { fileExists, withBackup, writeBackup, type BackupHead } from "./backup-file";

/**
 * Writes the whole database, as of one instant, to a new file. The app may run meanwhile.
 * @throws TransferError if a file of that name exists, or there is no database
 */
export async function backUp(
  db: Db,
  file: string,
  about: Pick<BackupHead, "version" | "takenAt">,
): Promise<Manifest> {
  if (existsSync(file)) throw fileExists(file);
  await requireTables(db);
  return withSnapshot(db, (snapshot) => writeBackup(file, snapshot, about));
}

/**
 * Reads a backup to its end and compares it with its manifest.
 * @throws TransferError if it is not complete
 */
export const verifyBackup = (file: string): Promise<{ head: BackupHead; manifest: Manifest }> =>
  withBackup(file, async (snapshot, head) => {
    for await (const { rows } of snapshot.tables) for await (const _ of rows);
    return { head, manifest: await snapshot.manifest() };
  });

/**
 * Fills an empty database from a backup, and compares the result with the manifest. A backup of an older version gets
 * the schema of that version; the next start upgrades it.
 * @throws TransferError if the backup is not complete or of a newer version, or the database is not empty
 */
export async function restore(db: Db, file: string): Promise<{ head: BackupHead; manifest: Manifest }> {
  await refuseFullTarget(db);
  // Reads the file twice, because it is better to refuse an incomplete one at once than after an hour of loading.
  const { head } = await verifyBackup(file);
  refuseOtherVersion(head.schemaMs);
  return { head, manifest: await withBackup(file, (snapshot) => loadSnapshot(db, snapshot)) };
}

/**
 * Checks that a folder has an embedded database.
 * @throws TransferError otherwise, because opening the folder would create one
 */
export function requireFolder(dataDir: string): void {
  if (existsSync(path.join(dataDir, "pglite"))) return;
  throw new TransferError(
    `There is no embedded database in ${dataDir}.`,
    "Set DATA_DIR to the folder of the installation.",
  );
}

/**
 * Copies an embedded installation into an empty database on a server. Reads the source and never writes to it. A dry
 * run only counts the rows.
 * @throws TransferError if the target is not empty, or the source is of another version
 */
export async function moveDatabase(from: Db, to: Db, { dryRun }: { dryRun: boolean }): Promise<Manifest> {
  await requireTables(from);
  if ((await countPendingMigrations(from)) > 0)
    throw new TransferError(
      "The embedded database is of an older version.",
      "Start the app once with it, which upgrades it; then move it.",
    );
  await refuseFullTarget(to);
  return withSnapshot(from, async (snapshot) => {
    refuseOtherVersion(snapshot.schemaMs);
    if (!dryRun) return loadSnapshot(to, snapshot);
    for await (const { rows } of snapshot.tables) for await (const _ of rows);
    return snapshot.manifest();
  });
}

async function requireTables(db: Db): Promise<void> {
  if ((await listTables(db)).length > 0) return;
  throw new TransferError(
    "The database holds no Plumbline installation.",
    "Check DATABASE_URL and DATA_DIR.",
  );
}
