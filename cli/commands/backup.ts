import { existsSync } from "node:fs";
import path from "node:path";

import type { Command } from "commander";

import type { Manifest } from "@db/transfer/snapshot";
import { backUp, requireFolder, restore, verifyBackup } from "~/features/operations/backup";
import { loadConfig, type Config } from "~/platform/env.server";
import { productVersion } from "~/platform/version.server";

import { CliError } from "../context";
import { describeKeys, describeRows, missingKeys, withDatabase } from "../database";
import { globals } from "../globals";
import { write, writeJson } from "../output";

export function addBackupCommands(program: Command): void {
  program
    .command("backup")
    .description("write the whole database to one file; the app may run meanwhile on Postgres")
    .option("--out <file>", "the file; plumbline-<time>.backup in this folder when it is not named")
    .action(async ({ out }: { out?: string }, command: Command) => {
      const config = loadConfig(process.env);
      if (config.databaseUrl === undefined) requireFolder(config.dataDir);
      const now = new Date();
      const file = path.resolve(out ?? `plumbline-${now.toISOString().slice(0, 16).replace(":", "")}.backup`);
      const about = { version: productVersion(), takenAt: now.toISOString() };
      const manifest = await withDatabase(config, ({ db }) => backUp(db, file, about));
      tell(command, config, { file, ...about, manifest }, `Backed up to ${file}.`);
    });
  program
    .command("verify")
    .description("read a backup to its end and compare its rows with its manifest")
    .argument("<file>")
    .action(async (file: string, _options: object, command: Command) => {
      const config = loadConfig(process.env);
      requireFile(file);
      const { head, manifest } = await verifyBackup(file);
      const text = `${file} is whole: taken ${head.takenAt} by version ${head.version}.`;
      tell(command, config, { file, version: head.version, takenAt: head.takenAt, manifest }, text);
    });
  program
    .command("restore")
    .description("fill an empty database (DATABASE_URL or DATA_DIR) from a backup, and compare it")
    .argument("<file>")
    .action(async (file: string, _options: object, command: Command) => {
      const config = loadConfig(process.env);
      requireFile(file);
      const { head, manifest } = await withDatabase(config, ({ db }) => restore(db, file));
      const text = `Restored, and every row compared: taken ${head.takenAt} by version ${head.version}.`;
      tell(command, config, { file, version: head.version, takenAt: head.takenAt, manifest }, text);
    });
}

interface Told {
  file: string;
  version: string;
  takenAt: string;
  manifest: Manifest;
}

function tell(command: Command, config: Config, told: Told, text: string): void {
  const { secretKeys, tables } = told.manifest;
  const missing = missingKeys(secretKeys, config);
  const { manifest: _, ...about } = told;
  if (globals(command).json) return writeJson({ ...about, tables, secretKeys, missingKeys: missing });
  write(describeRows(told.manifest));
  write(text);
  write(describeKeys(secretKeys, missing));
}

function requireFile(file: string): void {
  if (!existsSync(file)) throw new CliError(`There is no file ${file}.`);
}
