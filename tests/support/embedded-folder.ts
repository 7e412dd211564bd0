import { cpSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import path from "node:path";

import { inject } from "vitest";

import { openEmbedded } from "@db/embedded/open";

import type { TestDatabase } from "./database";

/**
 * Opens an embedded database in a folder that other processes can open afterwards. A new one has the schema and no
 * rows.
 */
export async function openFolder(dataDir: string): Promise<TestDatabase> {
  if (!existsSync(dataDir)) await copyMigratedFolder(dataDir);
  const embedded = await openEmbedded({ dataDir });
  return { db: embedded.db, connection: embedded, kind: "embedded", close: () => embedded.close() };
}

let migrated: Promise<string> | undefined;
let compiled: Promise<WebAssembly.Module> | undefined;

/** Copies a folder that was migrated before: making a new one takes seconds. */
export async function copyMigratedFolder(dataDir: string): Promise<void> {
  compiled ??= compilePglite();
  migrated ??= makeFolder();
  await compiled;
  cpSync(await migrated, dataDir, { recursive: true });
}

/** Saves the process the second that compiling takes for each folder it opens. */
async function compilePglite(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await readFile("node_modules/@electric-sql/pglite/dist/pglite.wasm"));
}

async function makeFolder(): Promise<string> {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-migrated-"));
  process.once("exit", () => rmSync(folder, { recursive: true, force: true }));
  const embedded = await openEmbedded({ dataDir: folder, snapshotFile: inject("embeddedSnapshot") });
  await embedded.close();
  return folder;
}
