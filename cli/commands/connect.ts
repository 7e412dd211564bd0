import type { Command } from "commander";

import { withTenant } from "@db/client";
import { listIntegrations } from "@db/queries/connections/connections";
import { maxLabel } from "~/features/connections/forms.server";
import { connect } from "~/features/connections/connect.server";

import { CLI_ACTOR, CliError, findTenant, requireProvider, withApp } from "../context";
import { globals } from "../globals";
import { write, writeJson } from "../output";

const PROVIDER = "levelio";

export function addConnectCommand(program: Command): void {
  program
    .command("connect")
    .description(
      "connect a Level account, after a live call with its key; with a label that is there, replace its key",
    )
    .requiredOption("--api-key <key>", "an API key of the account (Level: Settings > API keys)")
    .option("--label <label>", "how to call the connection", "Level")
    .action(async (options: { apiKey: string; label: string }, command: Command) => {
      const { json, ...rest } = globals(command);
      const label = options.label.trim();
      if (label === "") throw new CliError("--label has no name in it.", 'Leave it out, or: --label "Level"');
      if (label.length > maxLabel) throw new CliError(`--label has more than ${maxLabel} characters.`);
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        await requireProvider(app, tenant.id);
        const all = await withTenant(app.db, tenant.id, (tx) => listIntegrations(tx, tenant.id));
        const existing = all.find((row) => row.provider === PROVIDER && row.label === label);
        const outcome = await connect(app.sync, {
          tenantId: tenant.id,
          provider: PROVIDER,
          apiKey: options.apiKey.trim(),
          actor: CLI_ACTOR,
          ...(existing === undefined ? { label } : { connectionId: existing.id }),
        });
        switch (outcome.state) {
          case "saved": {
            const { id } = outcome.integration;
            if (json) writeJson({ connectionId: id, label, isNew: outcome.isNew });
            else if (outcome.isNew)
              write(`Connected "${label}". Next: npm run cli -- sync organizations --wait`);
            else write(`Replaced the key of "${label}"; its mappings stay.`);
            return;
          }
          case "refused":
            throw new CliError(outcome.error.userMessage, outcome.error.hint);
          case "label_taken":
            throw new CliError(
              `A connection "${label}" exists already.`,
              "Choose another name with --label.",
            );
          case "unknown_integration":
            throw new CliError("There is no such connection.");
        }
      });
    });
}
