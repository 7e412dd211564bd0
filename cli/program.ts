import { Command } from "commander";

import { addConnectCommand } from "./commands/connect";
import { addDoctorCommand } from "./commands/doctor";
import { addFlagsCommand } from "./commands/flags";
import { addMapCommand } from "./commands/map";
import { addRunsCommand } from "./commands/runs";
import { addSecretsCommand } from "./commands/secrets";
import { addSyncCommand } from "./commands/sync";
import { addUserCommand } from "./commands/user";
import { addWebhookCommand } from "./commands/webhook";

export function createProgram(): Command {
  const program = new Command("plumbline")
    .description("Plumbline from the command line")
    .configureHelp({ showGlobalOptions: true })
    .showSuggestionAfterError()
    .exitOverride();
  addConnectCommand(program);
  addMapCommand(program);
  addSyncCommand(program);
  addRunsCommand(program);
  addUserCommand(program);
  addWebhookCommand(program);
  addSecretsCommand(program);
  addFlagsCommand(program);
  addDoctorCommand(program);
  // On every command, so that they may come before or after it.
  for (const command of allOf(program)) {
    command
      .option("--tenant <slug>", "the tenant, where there is more than one")
      .option("--json", "one line of JSON");
    command.exitOverride();
  }
  return program;
}

const allOf = (command: Command): Command[] => [command, ...command.commands.flatMap(allOf)];
