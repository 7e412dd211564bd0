import type { Command } from "commander";

import { revealWebhookSecret, rotateWebhookSecret } from "~/features/connections/secrets.server";

import { CLI_ACTOR, CliError, findIntegration, findTenant, withApp } from "../context";
import { globals } from "../globals";
import { write, writeJson } from "../output";

export function addWebhookCommand(program: Command): void {
  program
    .command("webhook")
    .description("the address that Level sends to, and its secret")
    .option("--reveal", "show the secret; possible once after it was made")
    .option("--rotate", "make a new secret; the former one stays good for 24 hours")
    .option("--connection <label>", "the connection, where there is more than one")
    .action(
      async (options: { reveal?: boolean; rotate?: boolean; connection?: string }, command: Command) => {
        const { json, ...rest } = globals(command);
        await withApp(async (app) => {
          const tenant = await findTenant(app, rest);
          const integration = await findIntegration(app, tenant.id, options.connection);
          const owner = { tenantId: tenant.id, connectionId: integration.id };
          const url = `${app.config.publicUrl}/api/webhooks/levelio?tenant=${tenant.slug}`;
          const rotated =
            options.rotate === true ? await rotateWebhookSecret(app.sync, owner, CLI_ACTOR) : undefined;
          const revealed =
            options.reveal === true ? await revealWebhookSecret(app.sync, owner, CLI_ACTOR) : undefined;
          if (revealed?.state === "lost") {
            const { userMessage, hint } = revealed.error;
            throw new CliError(
              userMessage,
              `${hint} Or make a new one: npm run cli -- webhook --rotate --reveal`,
            );
          }
          if (revealed !== undefined && revealed.state !== "revealed") {
            throw new CliError(
              "The secret was shown before and cannot be shown again.",
              "Make a new one: npm run cli -- webhook --rotate --reveal",
            );
          }
          if (json)
            return writeJson({
              url,
              secret: revealed?.secret,
              previousValidUntil: rotated?.previousValidUntil,
            });
          write(`URL     ${url}`);
          if (revealed !== undefined) write(`Secret  ${revealed.secret}`);
          if (rotated !== undefined)
            write(
              rotated.previousValidUntil === null
                ? "There is no former secret that stays good."
                : `The former secret stays good until ${rotated.previousValidUntil.toISOString()}.`,
            );
        });
      },
    );
}
