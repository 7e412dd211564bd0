import type { Command } from "commander";

import { clientName } from "~/features/clients/forms.server";

import { CliError } from "../context";
import { globals } from "../globals";
import { withMappingStore } from "../mapping-store";
import { countOf, write, writeJson } from "../output";
import { remote } from "../remote";

interface MapOptions {
  auto?: boolean;
  group?: string;
  client?: string;
  connection?: string;
}

export function addMapCommand(program: Command): Command {
  return remote(program.command("map"))
    .description("give groups of Level to clients")
    .option("--auto", "make (or reuse) a client for each top-level group and map it")
    .option("--group <path>", 'a group by its path, such as "Acme Corp / Branch Office", or its id')
    .option("--client <name>", "the client to map the group to; made when there is none of this name")
    .option("--connection <label>", "the connection, where there is more than one")
    .action(async (options: MapOptions, command: Command) => {
      const { json, ...rest } = globals(command);
      const isAuto = options.auto === true;
      if (
        isAuto === (options.group !== undefined) ||
        (options.group === undefined) !== (options.client === undefined)
      ) {
        throw new CliError("Say either --auto, or --group and --client.");
      }
      if (options.client?.trim() === "")
        throw new CliError("--client has no name in it.", 'Such as: --client "Acme Corp"');
      const chosen = clientName.safeParse(options.client);
      if (!isAuto && !chosen.success) throw new CliError(chosen.error.issues[0]!.message);
      await withMappingStore(rest, options.connection, async (store) => {
        if (isAuto) {
          const outcome = await store.mapTopLevel();
          if (outcome.state !== "mapped") {
            throw new CliError(
              "No groups are known yet.",
              "Run first: npm run cli -- sync organizations --wait",
            );
          }
          if (json) return writeJson(outcome);
          const { groups, clientsCreated, clientsReused } = outcome;
          return write(
            `Mapped ${countOf(groups, "top-level group")}: ${countOf(clientsCreated, "client")} made, ${clientsReused} reused.`,
          );
        }
        const names = { path: options.group!, clientName: chosen.data! };
        const outcome = await store.mapGroup(names);
        switch (outcome.state) {
          case "saved":
            if (json) return writeJson(outcome);
            return write(`Mapped "${names.path}" to ${names.clientName}. The next full sync carries it out.`);
          case "unknown_group":
            throw new CliError(
              `There is no group "${names.path}".`,
              outcome.known.length === 0
                ? "Run first: npm run cli -- sync organizations --wait"
                : `Some that exist: ${outcome.known.join(" · ")}`,
            );
          case "ambiguous_group":
            throw new CliError(
              `There are ${outcome.externalIds.length} groups "${names.path}".`,
              `Say which by its id: --group ${outcome.externalIds.join(" | ")}`,
            );
          default:
            throw new CliError(`The mapping could not be saved (${outcome.state}).`);
        }
      });
    });
}
