import { createReadStream, createWriteStream, existsSync, statSync } from "node:fs";
import path from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";

import type { Command } from "commander";

import type { Db } from "@db/client";
import { DataDirInUseError } from "@db/embedded/lock";
import { linesOf } from "@db/transfer/copy-text";
import { fileExists } from "~/features/operations/backup-file";
import { supportBundle } from "~/features/operations/support-bundle";
import { openAsIs } from "~/platform/database.server";
import { loadConfig, secretsIn, type Config } from "~/platform/env.server";
import { redactedJson } from "~/platform/logger.server";
import { productVersion } from "~/platform/version.server";

import { CliError } from "../context";
import { globals } from "../globals";
import { write, writeJson } from "../output";

export function addSupportCommand(program: Command): void {
  program
    .command("support")
    .description(
      "write versions, settings, counts and errors, without secrets and names, to a file for whoever helps",
    )
    .option("--out <file>", "the file; plumbline-support-<time>.tar.gz in this folder when it is not named")
    .option("--log <file>", "a file with the app's log, whose last lines go in")
    .action(async ({ out, log }: { out?: string; log?: string }, command: Command) => {
      const config = loadConfig(process.env);
      const now = new Date();
      const time = now.toISOString().slice(0, 16).replace(":", "");
      const file = path.resolve(out ?? `plumbline-support-${time}.tar.gz`);
      if (existsSync(file)) throw fileExists(file);
      if (log !== undefined && !existsSync(log)) throw new CliError(`There is no file ${log}.`);
      const logLines = log === undefined ? undefined : await lastLines(log);
      const isRead = await withDatabaseIfFree(config, async (db) => {
        const options = {
          config,
          version: productVersion(),
          db,
          now,
          secrets: secretsIn(process.env),
          redactedJson,
          ...(logLines && { logLines }),
        };
        await pipeline(
          supportBundle(options),
          createGzip(),
          createWriteStream(file, { flags: "wx", mode: 0o600 }),
        );
        return db !== undefined;
      });
      if (globals(command).json) return writeJson({ file, isDatabaseRead: isRead });
      write(`Wrote ${file}. Look into it before you send it: it should hold no secret and no name.`);
      if (!isRead)
        write(
          "The embedded database is open in another process and was not read: stop the app for a whole picture.",
        );
    });
}

/** The opened database, not migrated; undefined if another process holds the embedded one. */
async function withDatabaseIfFree<T>(config: Config, work: (db: Db | undefined) => Promise<T>): Promise<T> {
  if (config.databaseUrl === undefined && !existsSync(path.join(config.dataDir, "pglite")))
    return work(undefined);
  const connection = await openAsIs(config).catch((error: unknown) => {
    if (error instanceof DataDirInUseError) return undefined;
    throw error;
  });
  try {
    return await work(connection?.db);
  } finally {
    await connection?.close();
  }
}

const LINES = 2_000;
const BYTES = 2_000_000;

/** The last bytes of a file as lines; the first line may be cut. */
async function lastLines(file: string): Promise<string[]> {
  const { size } = statSync(file);
  const lines: string[] = [];
  for await (const line of linesOf(createReadStream(file, { start: Math.max(0, size - BYTES) })))
    lines.push(line.toString("utf8"));
  return lines.slice(-LINES);
}
