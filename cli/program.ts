import { Command } from "commander";

import { CliError } from "./context";
import { globals } from "./globals";
import { isRemote } from "./remote";
import { addBackupCommands } from "./commands/backup";
import { addConnectCommand } from "./commands/connect";
import { addDatabaseCommand } from "./commands/database";
import { addDoctorCommand } from "./commands/doctor";
import { addFlagsCommand } from "./commands/flags";
import { addMapCommand } from "./commands/map";
import { addMapFileCommands } from "./commands/map-file";
import { addRunsCommand } from "./commands/runs";
import { addSecretsCommand } from "./commands/secrets";
import { addSupportCommand } from "./commands/support";
import { addSyncCommand } from "./commands/sync";
import { addUserCommand } from "./commands/user";
import { addWebhookCommand } from "./commands/webhook";

/** Why each of these commands works on the installation only. Every command that the API can serve works with --url. */
const staysLocal: Record<string, string> = {
  connect: "the key of an RMM account is given where it is kept, never to a token of the API",
  user: "no token makes people: invite them on the page Settings, People",
  webhook: "it shows and replaces the secret of the webhook, which no token may read",
  secrets: "it needs the key of the installation's secrets, which never leaves its machine",
  flags: "its operator decides what each company gets",
  doctor: "it examines the machine, its database and its settings",
  support: "it collects the machine's own logs and settings",
  backup: "it reads or writes the whole database of all companies",
  verify: "it reads a file of a backup",
  restore: "it reads or writes the whole database of all companies",
  db: "it reads or writes the whole database of all companies",
};

/** @throws CliError if `--url` is given to a command that works on the installation only */
function refuseRemote(command: Command): void {
  if (globals(command).url === undefined || isRemote(command)) return;
  throw new CliError(
    `\`${command.name()}\` works on the installation itself: ${reasonToStay(command)}.`,
    "Run it on the server, without --url.",
  );
}

/** The reason of the command or of its parent. Undefined for a command that works with --url. */
export function reasonToStay(command: Command): string | undefined {
  for (let at: Command | null = command; at !== null; at = at.parent) {
    const reason = staysLocal[at.name()];
    if (reason !== undefined) return reason;
  }
  return undefined;
}

/**
 * Builds the command line with all commands and the options that they share. Parsing throws a CommanderError instead of
 * ending the process.
 */
export function createProgram(): Command {
  const program = new Command("plumbline")
    .description("Plumbline from the command line")
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride();
  addConnectCommand(program);
  addMapFileCommands(addMapCommand(program));
  addSyncCommand(program);
  addRunsCommand(program);
  addUserCommand(program);
  addWebhookCommand(program);
  addSecretsCommand(program);
  addFlagsCommand(program);
  addDoctorCommand(program);
  addSupportCommand(program);
  addBackupCommands(program);
  addDatabaseCommand(program);
  // On every command, so that the options may come before or after it.
  for (const command of allOf(program)) {
    command
      .option("--tenant <slug>", "the tenant, where there is more than one")
      .option("--json", "one line of JSON")
      .option("--url <address>", "ask this server by its API instead of this machine's installation")
      .option("--token <token>", "an API token for it: prefer the variable PLUMBLINE_TOKEN")
      .option("--token-file <file>", "a file with the token");
    command.exitOverride();
  }
  program.hook("preAction", (_program, command) => refuseRemote(command));
  return program;
}

/** A command and all commands below it. */
export const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
