import type { Command } from "commander";

import { withTenant, type Db } from "@db/client";
import { listRecentRuns } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import { confirmHeldDevices } from "~/features/review/decide-held.server";
import { cancelSync } from "~/features/sync-execution/cancel-sync.server";
import { fieldTexts, planActionLabels, planReason } from "~/features/sync-runs/plan-labels";
import { readPlannedAfter } from "~/features/sync-runs/plan.page.server";
import { readRunSummary } from "~/features/sync-runs/runs.page.server";

import { checkRunId, CLI_ACTOR, CliError, findTenant, withApp } from "../context";
import { runToJson } from "../follow-run";
import { globals } from "../globals";
import { countOf, table, write, writeJson } from "../output";
import { remote, remoteOf } from "../remote";
import {
  cancelRemoteRun,
  confirmRemoteRun,
  listRemotePlan,
  listRemoteRuns,
  type ListedRun,
  type PrintedDevice,
} from "../remote-runs";

export function addRunsCommand(program: Command): void {
  const runs = remote(program.command("runs"))
    .description("the last sync runs, newest first")
    .option("--limit <n>", "how many", "20")
    .action(async (options: { limit: string }, command: Command) => {
      const { json, ...rest } = globals(command);
      const limit = Number(options.limit);
      if (!Number.isInteger(limit) || limit < 1 || limit > 1000)
        throw new CliError("--limit is a number from 1 to 1000.");
      const server = remoteOf(rest);
      if (server !== undefined) return showRuns(await listRemoteRuns(server, limit), json);
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        const rows = await withTenant(app.db, tenant.id, (tx) => listRecentRuns(tx, tenant.id, limit));
        showRuns(rows, json);
      });
    });

  remote(runs.command("cancel <run>"))
    .description("cancel a run; it ends at its next page")
    .action(async (runId: string, _options: object, command: Command) => {
      const { json, ...rest } = globals(command);
      const server = remoteOf(rest);
      if (server !== undefined) {
        const run = await cancelRemoteRun(server, checkRunId(runId));
        return showCancelled(run.status === "cancelled" ? "cancelled" : "cancelling", json);
      }
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        const outcome = await cancelSync(app.sync, { tenantId: tenant.id, runId: checkRunId(runId) });
        switch (outcome.state) {
          case "unknown_run":
            throw new CliError(`There is no run ${runId}.`);
          case "already_ended":
            throw new CliError(`This run has ended already (${outcome.run.status}).`);
          default:
            showCancelled(outcome.state, json);
        }
      });
    });

  remote(runs.command("plan <run>"))
    .description("what a full sync would do to each device according to a dry run")
    .action(async (runId: string, _options: object, command: Command) => {
      const { json, ...rest } = globals(command);
      const server = remoteOf(rest);
      if (server !== undefined) return showPlan(await listRemotePlan(server, checkRunId(runId)), json);
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        showPlan(await readWholePlan(app.db, { tenantId: tenant.id, runId: checkRunId(runId) }), json);
      });
    });

  remote(runs.command("confirm <run>"))
    .description("confirm that the devices which a run held as missing were really removed")
    .action(async (runId: string, _options: object, command: Command) => {
      const { json, ...rest } = globals(command);
      const server = remoteOf(rest);
      if (server !== undefined) {
        const { gone } = await confirmRemoteRun(server, checkRunId(runId));
        return showConfirmed(gone, json);
      }
      await withApp(async (app) => {
        const tenant = await findTenant(app, rest);
        const ref = { tenantId: tenant.id, runId: checkRunId(runId) };
        const outcome = await confirmHeldDevices(app.sync, ref, CLI_ACTOR);
        switch (outcome.state) {
          case "confirmed":
            return showConfirmed(outcome.gone, json);
          case "unknown_run":
            throw new CliError(`There is no run ${runId}.`);
          case "nothing_held":
            throw new CliError("This run holds nothing.");
          case "superseded":
            throw new CliError("A later sync has completed since; look at what that one holds.");
        }
      });
    });
}

function showRuns(rows: readonly ListedRun[], json: boolean | undefined): void {
  if (json) return writeJson(rows.map(runToJson));
  if (rows.length === 0) return write("No sync has run yet.");
  write(
    table(
      [
        "requested",
        "kind",
        "status",
        "seen",
        "created",
        "updated",
        "skipped",
        "gone",
        "held",
        "failed",
        "id",
      ],
      rows.map((run) => [
        run.requestedAt.toISOString().slice(0, 19).replace("T", " "),
        run.type,
        run.status.replaceAll("_", " "),
        run.itemsSeen,
        run.itemsCreated,
        run.itemsUpdated,
        run.itemsSkipped,
        run.itemsGone,
        run.itemsHeld,
        run.itemsFailed,
        run.id,
      ]),
    ),
  );
}

/** @throws CliError if there is no such run */
async function readWholePlan(db: Db, { tenantId, runId }: RunRef): Promise<PrintedDevice[]> {
  if ((await readRunSummary(db, tenantId, runId)) === null) throw new CliError(`There is no run ${runId}.`);
  const everything = { action: undefined, clientId: undefined, text: undefined };
  const rows: PrintedDevice[] = [];
  for (let after: string | undefined = ""; after !== undefined;) {
    const batch = await readPlannedAfter(db, tenantId, runId, everything, after);
    rows.push(...batch.map(({ changes, ...row }) => ({ ...row, changes: changes.filter(isNoMove) })));
    after = batch.at(-1)?.externalId;
  }
  return rows;
}

/** Describes a move by the names of the two clients. */
const isNoMove = ({ field }: { field: string }): boolean => field !== "client";

function showPlan(rows: readonly PrintedDevice[], json: boolean | undefined): void {
  if (json)
    return writeJson(
      rows.map(({ changes, ...row }) => ({
        ...row,
        changes: changes.map(({ field, from = null, to = null }) => ({ field, from, to })),
      })),
    );
  if (rows.length === 0) return write("Nothing would happen to any device.");
  const lines = rows.map((row) => {
    const texts = [
      ...(row.action === "create" ? [row.toClient ?? "no client"] : []),
      ...fieldTexts(row).map(({ field, from, to }) => `${field}: ${from ?? "nothing"} → ${to ?? "nothing"}`),
      ...(planReason(row) === null ? [] : [planReason(row)!]),
    ];
    return `${planActionLabels[row.action].would}: ${row.name}${texts.length === 0 ? "" : ` (${texts.join("; ")})`}`;
  });
  write(lines.join("\n"));
}

function showConfirmed(gone: number, json: boolean | undefined): void {
  if (json) writeJson({ state: "confirmed", gone });
  else write(`Marked ${countOf(gone, "device")} as gone.`);
}

function showCancelled(state: "cancelled" | "cancelling", json: boolean | undefined): void {
  if (json) writeJson({ state });
  else write(state === "cancelled" ? "Cancelled." : "It ends at its next page.");
}
