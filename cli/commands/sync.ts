import { Argument, type Command } from "commander";

import type { SyncType } from "~/domain/sync-words";
import { requestSync } from "~/sync/request-sync";

import { CliError, findIntegration, findTenant, withApp } from "../context";
import { createProgress, describeRun, ensureExecution, followRun, runToJson } from "../follow-run";
import { write, writeJson } from "../output";
import { globals } from "../program";

interface SyncOptions {
  wait?: boolean;
  connection?: string;
}

export function addSyncCommand(program: Command): void {
  program
    .command("sync")
    .description("start a sync; one of its kind that is under way is joined")
    .addArgument(
      new Argument("<kind>", "what to sync").choices(["organizations", "full", "alerts", "device"]),
    )
    .argument("[id]", "the device's id at Level, for `sync device`")
    .option("--wait", "follow the sync until it has ended; exit code 1 when it failed")
    .option("--connection <label>", "the connection, where there is more than one")
    .action(async (type: SyncType, id: string | undefined, options: SyncOptions, command: Command) => {
      const { json, ...rest } = globals(command);
      if ((type === "device") !== (id !== undefined)) {
        throw new CliError(
          type === "device" ? "Say which device: sync device <id>" : `\`sync ${type}\` takes no id.`,
        );
      }
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        const integration = await findIntegration(app, tenant.id, options.connection);
        const outcome = await requestSync(app.sync, {
          tenantId: tenant.id,
          integrationId: integration.id,
          type,
          trigger: "cli",
          actor: "cli",
          ...(id === undefined ? {} : { externalDeviceId: id }),
        });
        if (outcome.state === "disconnected" || outcome.state === "unknown_integration") {
          throw new CliError("This connection was disconnected.");
        }
        const mustStay = await ensureExecution(app, outcome.run);
        if (!mustStay && options.wait !== true) {
          if (json) return writeJson({ ...runToJson(outcome.run), joined: outcome.state === "joined" });
          return write(`${outcome.state === "joined" ? "Joined" : "Started"} run ${outcome.run.id}.`);
        }
        const progress = createProgress();
        const ended = await followRun(app, outcome.run, (run) => progress.show(run));
        progress.end();
        await app.jobs.relay();
        if (json) writeJson(runToJson(ended));
        else write(describeRun(ended));
        if (ended.status === "failed" || ended.status === "cancelled") process.exitCode = 1;
      });
    });
}
