import type { Command } from "commander";

import { connect } from "~/sync/connect";

import { CLI_ACTOR, CliError, findTenant, withApp } from "../context";
import { write, writeJson } from "../output";
import { globals } from "../program";

export function addConnectCommand(program: Command): void {
  program
    .command("connect")
    .description("connect a Level account, after a live call with its key")
    .requiredOption("--api-key <key>", "an API key of the account (Level: Settings > API keys)")
    .option("--label <label>", "how to call the connection", "Level")
    .action(async (options: { apiKey: string; label: string }, command: Command) => {
      const { json, ...rest } = globals(command);
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        const request = {
          tenantId: tenant.id,
          provider: "levelio",
          label: options.label.trim(),
          apiKey: options.apiKey.trim(),
        };
        const outcome = await connect(app.sync, { ...request, actor: CLI_ACTOR });
        switch (outcome.state) {
          case "saved": {
            const { id, label } = outcome.integration;
            if (json) writeJson({ integrationId: id, label, isNew: outcome.isNew });
            else write(`Connected "${label}". Next: npm run cli -- sync organizations --wait`);
            return;
          }
          case "refused":
            throw new CliError(outcome.error.userMessage, outcome.error.hint);
          case "label_taken":
            throw new CliError(
              `A connection "${request.label}" exists already.`,
              "Choose another name with --label.",
            );
          case "unknown_integration":
            throw new CliError("There is no such connection.");
        }
      });
    });
}
