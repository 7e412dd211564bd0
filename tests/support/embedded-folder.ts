import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { inject } from "vitest";

import { openEmbedded } from "@db/embedded/open";

import type { TestDatabase } from "./database";

/** Opens an embedded database in a folder that other processes can open after us; one that is new has the schema and no rows. */
export async function openFolder(dataDir: string): Promise<TestDatabase> {
  if (!existsSync(dataDir)) await copyMigratedFolder(dataDir);
  const embedded = await openEmbedded({ dataDir });
  return { db: embedded.db, connection: embedded, kind: "embedded", close: () => embedded.close() };
}

let migrated: Promise<string> | undefined;

/** Makes such a folder by a copy of one that was migrated before: a new one takes seconds to make. */
export async function copyMigratedFolder(dataDir: string): Promise<void> {
  migrated ??= makeFolder();
  cpSync(await migrated, dataDir, { recursive: true });
}

async function makeFolder(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-migrated-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const embedded = await openEmbedded({ dataDir: folder, snapshotFile: inject("embeddedSnapshot") });
  await embedded.close();
  return folder;
}
