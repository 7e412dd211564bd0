import type { Command } from "commander";

import { resealAllSecrets, type LostSecret } from "~/features/connections/secrets.server";

import { findTenant, withApp } from "../context";
import { globals } from "../globals";
import { countOf, table, write, writeJson } from "../output";

export function addSecretsCommand(program: Command): void {
  program
    .command("secrets")
    .description("the installation's sealed secrets")
    .command("rotate")
    .description(
      "seal all secrets under the first key of APP_SECRET (new,old); then the old one can be dropped",
    )
    .action(async (_options: object, command: Command) => {
      const { json, ...which } = globals(command);
      await withApp(async (app) => {
        // The command re-encrypts the secrets of the whole installation, but an unknown tenant name is still an error.
        if (which.tenant !== undefined) await findTenant(app, which);
        const outcome = await resealAllSecrets(app.sync);
        if (json) writeJson(outcome);
        else {
          write(`Sealed ${countOf(outcome.resealed, "secret")} anew; ${outcome.upToDate} were up to date.`);
          if (outcome.lost.length > 0) write(lostText(outcome.lost), process.stderr);
        }
        if (outcome.lost.length > 0) process.exitCode = 1;
      });
    });
}

const lostText = (lost: LostSecret[]): string =>
  [
    `${countOf(lost.length, "secret")} could not be opened and ${lost.length === 1 ? "was" : "were"} left as before:`,
    table(
      ["Tenant", "Connection", "Secret", "Why"],
      lost.map(({ tenantId, connectionId, name, reason }) => [tenantId, connectionId ?? "–", name, reason]),
    ),
    "Put the APP_SECRET that they were encrypted with after the new one and repeat this; or enter the API keys, and make the webhook secrets, again.",
  ].join("\n");
