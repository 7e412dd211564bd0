import { Argument, type Command } from "commander";

import { withTenant } from "@db/client";
import type { RunRow } from "@db/queries/sync-runs/runs";
import { requestSync, type SyncRequestOutcome } from "~/features/sync-engine/request-sync";
import { applyDryRun } from "~/features/sync-runs/apply-dry-run.server";
import { readRunPlan, type AppliedPlan } from "~/features/sync-runs/run-plan";
import type { App } from "~/platform/app.server";

import {
  checkRunId,
  CLI_ACTOR,
  CliError,
  findIntegration,
  findTenant,
  requireProvider,
  withApp,
} from "../context";
import {
  createProgress,
  describeRun,
  ensureExecution,
  followRun,
  requireRunner,
  runToJson,
  type PrintedRun,
} from "../follow-run";
import { globals } from "../globals";
import { countOf, write, writeJson } from "../output";
import { remote, remoteOf, type Remote } from "../remote";
import { followRemoteRun, readRemotePlan, startRemoteSync } from "../remote-runs";

const kinds = {
  organizations: "organizations",
  full: "full",
  alerts: "alerts",
  device: "device",
  "dry-run": "dry_run",
} as const;
type Kind = keyof typeof kinds;

interface SyncOptions {
  wait?: boolean;
  connection?: string;
  apply?: string;
}

export function addSyncCommand(program: Command): void {
  remote(program.command("sync"))
    .description("start a sync; one of its kind that is under way is joined")
    .addArgument(new Argument("<kind>", "what to sync").choices(Object.keys(kinds)))
    .argument("[id]", "the device's id at Level, for `sync device`")
    .option("--wait", "follow the sync until it has ended; exit code 1 when it failed")
    .option("--connection <label>", "the connection, where there is more than one")
    .option("--apply <run>", "for `sync full`: carry out this dry run, and compare with it")
    .action(async (kind: Kind, id: string | undefined, options: SyncOptions, command: Command) => {
      const { json, ...rest } = globals(command);
      if ((kind === "device") !== (id !== undefined)) {
        throw new CliError(
          kind === "device" ? "Say which device: sync device <id>" : `\`sync ${kind}\` takes no id.`,
        );
      }
      if (options.apply !== undefined && kind !== "full") {
        throw new CliError("Only a full sync carries out a dry run: sync full --apply <run>");
      }
      const server = remoteOf(rest);
      if (server !== undefined) return syncRemotely(server, kind, id, options, json);
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        await requireProvider(app, tenant.id);
        await requireRunner(app);
        const { run, state } =
          options.apply === undefined
            ? await request(app, tenant.id, kind, id, options.connection)
            : await apply(app, tenant.id, checkRunId(options.apply));
        // With the direct transport, a run that applies a plan starts with its request.
        const isBegun = options.apply !== undefined && run.transport === "direct";
        const mustStay = isBegun || (await ensureExecution(app, run, state));
        if (!mustStay && options.wait !== true) {
          return showStarted(run, state === "joined", json);
        }
        const progress = createProgress();
        const ended = await followRun(app, run, (now) => progress.show(now));
        progress.end();
        await app.jobs.relay();
        showEnded(ended, await readPlan(app, ended), json);
      });
    });
}

function showStarted(run: PrintedRun, joined: boolean, json: boolean | undefined): void {
  if (json) writeJson({ ...runToJson(run), joined });
  else write(`${joined ? "Joined" : "Started"} run ${run.id}.`);
}

function showEnded(run: PrintedRun, plan: AppliedPlan, json: boolean | undefined): void {
  if (json) writeJson({ ...runToJson(run), ...planToJson(plan) });
  else write([describeRun(run), ...describePlan(run, plan)].join("\n"));
  if (run.status === "failed" || run.status === "cancelled") process.exitCode = 1;
}

/** The same on a server, whose own runner executes it. */
async function syncRemotely(
  server: Remote,
  kind: Kind,
  device: string | undefined,
  options: SyncOptions,
  json: boolean | undefined,
): Promise<void> {
  const { run, joined } = await startRemoteSync(
    server,
    options.apply === undefined
      ? { type: kinds[kind], device, connection: options.connection }
      : { type: "full", appliesRunId: checkRunId(options.apply) },
  );
  if (options.wait !== true) return showStarted(run, joined, json);
  const progress = createProgress();
  const ended = await followRemoteRun(server, run, (now) => progress.show(now));
  progress.end();
  showEnded(ended, await readRemotePlan(server, ended), json);
}

async function request(
  app: App,
  tenantId: string,
  kind: Kind,
  id: string | undefined,
  connection: string | undefined,
) {
  const integration = await findIntegration(app, tenantId, connection);
  return started(
    await requestSync(app.sync, {
      tenantId,
      connectionId: integration.id,
      type: kinds[kind],
      trigger: "cli",
      actor: CLI_ACTOR.name,
      person: CLI_ACTOR,
      ...(id === undefined ? {} : { externalDeviceId: id }),
    }),
  );
}

async function apply(app: App, tenantId: string, runId: string) {
  const outcome = await applyDryRun(app.sync, { tenantId, runId }, CLI_ACTOR);
  switch (outcome.state) {
    case "unknown_run":
      throw new CliError(`There is no dry run ${runId}.`, "`npm run cli -- runs` lists them.");
    case "not_ready":
      throw new CliError("This dry run has not completed.");
    case "busy":
      throw new CliError(
        `A full sync is under way already (${outcome.runId}); it does not follow the plan.`,
        "Apply the dry run when it has ended.",
      );
    default:
      return started(outcome);
  }
}

function started(outcome: SyncRequestOutcome): Extract<SyncRequestOutcome, { run: RunRow }> {
  if (outcome.state === "disconnected" || outcome.state === "unknown_integration") {
    throw new CliError("This connection was disconnected.");
  }
  return outcome;
}

const readPlan = (app: App, run: RunRow): Promise<AppliedPlan> =>
  withTenant(app.db, run.tenantId, (tx) => readRunPlan(tx, run));

const planToJson = ({ plan, appliesRunId, differences }: AppliedPlan) => ({
  ...(plan === null ? {} : { plan }),
  ...(differences === null ? {} : { appliesRunId, differences: differences.total }),
});

function describePlan(run: PrintedRun, { plan, differences }: AppliedPlan): string[] {
  if (run.status !== "completed" && run.status !== "completed_with_errors") return [];
  const lines: string[] = [];
  if (plan !== null) {
    const said = Object.entries(plan).map(([action, n]) => `${action} ${n.toLocaleString("en")}`);
    lines.push(`Nothing was written. A full sync would: ${said.join(", ") || "change nothing"}.`);
    lines.push(`Carry it out: npm run cli -- sync full --apply ${run.id} --wait`);
  }
  if (differences !== null) {
    const { total, first } = differences;
    lines.push(
      total === 0
        ? "Did exactly what the dry run showed."
        : `${countOf(total, "device")} did not go as the dry run showed:`,
    );
    for (const { name, planned, done } of first)
      lines.push(`  ${name}: foreseen ${planned ?? "nothing"}, done ${done ?? "nothing"}`);
    if (total > first.length) lines.push(`  and ${total - first.length} more: see the run's page`);
  }
  return lines;
}
