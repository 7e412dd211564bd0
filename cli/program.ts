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

/** @throws CliError if a command that works on the installation itself is to ask a server */
function refuseRemote(command: Command): void {
  if (globals(command).url === undefined || isRemote(command)) return;
  throw new CliError(
    `\`${command.name()}\` works on the installation itself.`,
    "Run it on the server, without --url.",
  );
}

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
  // On every command, so that they may come before or after it.
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

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
