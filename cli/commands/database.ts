import { readFileSync } from "node:fs";

import type { Command } from "commander";

import { databaseUrlProblem } from "@db/connection-url";
import { moveDatabase, requireFolder } from "~/features/operations/backup";
import { loadConfig } from "~/platform/env.server";

import { CliError } from "../context";
import { describeRows, withDatabase } from "../database";
import { globals } from "../globals";
import { write, writeJson } from "../output";

export function addDatabaseCommand(program: Command): void {
  program
    .command("db")
    .description("the installation's database")
    .command("move")
    .description("copy the embedded database of DATA_DIR, whole and compared, into an empty one on Postgres")
    .option("--to <url>", "where to: postgres://user:password@host:5432/database")
    .option("--to-file <file>", "a file with that address, so that no list of processes shows its password")
    .option("--dry-run", "check both and count the rows, without writing anything")
    .action(async (options: { to?: string; toFile?: string; dryRun?: true }, command: Command) => {
      const config = loadConfig(process.env);
      if (config.databaseUrl !== undefined)
        throw new CliError(
          "DATABASE_URL is set: this installation is on Postgres already.",
          "Unset it, so that DATA_DIR names the embedded database to move.",
        );
      requireFolder(config.dataDir);
      const databaseUrl = targetOf(options);
      const dryRun = options.dryRun === true;
      const manifest = await withDatabase(config, (from) =>
        withDatabase({ ...config, databaseUrl }, (to) => moveDatabase(from.db, to.db, { dryRun })),
      );
      if (globals(command).json) return writeJson({ dryRun, ...manifest });
      write(describeRows(manifest));
      write(dryRun ? "Nothing was written: without --dry-run these rows are copied." : nextSteps(config));
    });
}

function targetOf({ to, toFile }: { to?: string; toFile?: string }): string {
  const url = toFile === undefined ? to : readFileSync(toFile, "utf8").trim();
  if (url === undefined) throw new CliError("Say where to: --to postgres://… or --to-file <file>.");
  const problem = databaseUrlProblem(url);
  if (problem !== null) throw new CliError(`--to ${problem}`);
  return url;
}

const nextSteps = ({ appSecret, dataDir }: { appSecret: string | undefined; dataDir: string }): string =>
  [
    "Copied, and every row compared. Start the app from now on with",
    "  DATABASE_URL  set to the address you moved to",
    `  APP_SECRET    ${appSecret === undefined ? `set to the text in ${dataDir}/app-secret` : "as it is now"}: it opens the stored secrets`,
    `${dataDir}/pglite is as it was. Keep it until you have seen the app run, and start nothing on it: what is written there is not copied any more.`,
  ].join("\n");
