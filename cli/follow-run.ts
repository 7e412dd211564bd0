import { setTimeout as sleep } from "node:timers/promises";

import { withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { NO_SERVER_HINT } from "~/features/operations/doctor";
import { isSilent } from "~/features/sync-execution/reaper";
import { runDirect } from "~/features/sync-execution/run-direct";
import type { App } from "~/platform/app.server";

import { CliError } from "./context";
import { countOf, seconds } from "./output";

const POLL_MS = 200;

/** A run as commands show it, from this machine's installation or from a server. */
export type PrintedRun = Pick<
  RunRow,
  | "id"
  | "type"
  | "status"
  | "trigger"
  | "actor"
  | "requestedAt"
  | "startedAt"
  | "endedAt"
  | "waitingUntil"
  | "waitingReason"
  | "stage"
  | "pages"
  | "steps"
  | "requests"
  | "retries"
  | "rateLimitedMs"
  | "expectedItems"
  | "itemsSeen"
  | "pendingPatches"
  | "summary"
  | "degraded"
  | "errorCode"
  | "errorMessage"
  | "errorHint"
>;

const hasEnded = (run: PrintedRun): boolean => run.status !== "queued" && run.status !== "running";

/** @throws CliError if an Inngest server should execute the run and does not answer */
export async function requireRunner(app: App): Promise<void> {
  const { transport, inngest } = app.config;
  if (transport === "direct" || inngest.mode === "embedded" || (await app.jobs.isAlive())) return;
  throw new CliError(
    `The Inngest server at ${inngest.url} does not answer, so no sync would be executed.`,
    NO_SERVER_HINT,
  );
}

/**
 * Arranges for the run to be executed: with the direct transport in this process, otherwise by the embedded runner,
 * here if no other process holds the lease. An Inngest server needs nothing.
 * @returns whether this process must stay until the run has ended
 */
export async function ensureExecution(app: App, run: RunRow, state: "queued" | "joined"): Promise<boolean> {
  if (run.transport === "direct") {
    const isAtWork = state === "joined" && !isSilent(run, app.clock());
    carryOut(app, run, isAtWork).catch((error: unknown) =>
      app.log.error({ runId: run.id, err: error }, "sync failed"),
    );
    return !isAtWork;
  }
  await app.jobs.relay();
  if (app.config.inngest.mode === "server") return false;
  await app.jobs.start();
  return app.jobs.isLeader() === true;
}

/** Executes a run. If another process is working on it, waits until that process has fallen silent. */
async function carryOut(app: App, run: RunRow, isAtWork: boolean): Promise<void> {
  for (let now = run; isAtWork && !isSilent(now, app.clock()); now = await read(app, run)) {
    if (hasEnded(now)) return;
    await sleep(POLL_MS);
  }
  await runDirect(app.sync, { tenantId: run.tenantId, runId: run.id });
}

async function read(app: App, { tenantId, id }: RunRow): Promise<RunRow> {
  const run = await withTenant(app.db, tenantId, (tx) => getRun(tx, tenantId, id));
  if (run === undefined) throw new Error(`run ${id} is gone`);
  return run;
}

/** Follows a run until it has ended and reports each state. */
export const followRun = (app: App, run: RunRow, onProgress?: (run: RunRow) => void): Promise<RunRow> =>
  untilEnded(() => read(app, run), POLL_MS, onProgress);

/** Reads a run repeatedly until it has ended, and reports each state. */
export async function untilEnded<Run extends PrintedRun>(
  readAgain: () => Promise<Run>,
  pollMs: number,
  onProgress?: (run: Run) => void,
): Promise<Run> {
  for (;;) {
    const now = await readAgain();
    onProgress?.(now);
    if (hasEnded(now)) return now;
    await sleep(pollMs);
  }
}

/** A progress display: one line, rewritten in a terminal; otherwise a line per stage. */
export function createProgress(
  stream: NodeJS.WriteStream = process.stderr,
  clock = () => new Date(),
): {
  show(run: PrintedRun): void;
  end(): void;
} {
  let lastStage: string | null = null;
  return {
    show(run) {
      if (stream.isTTY) {
        stream.write(`\r\x1b[2K${describeProgress(run, clock(), stream.columns)}`);
      } else if (run.stage !== lastStage && run.stage !== null) {
        stream.write(`${describeProgress(run, clock())}\n`);
      }
      lastStage = run.stage;
    },
    end() {
      if (stream.isTTY) stream.write("\r\x1b[2K");
    },
  };
}

const BAR_WIDTH = 24;

const nounOf = {
  organizations: "group",
  full: "device",
  dry_run: "device",
  device: "device",
  alerts: "alert",
} as const;

/** "devices ███████░░░░ 1,200 of 2,500 · page 13 · 420/s · 3.1 s". The share is known only after a first sync. */
function describeProgress(run: PrintedRun, now: Date, columns = 120): string {
  const since = run.startedAt ?? run.requestedAt;
  const elapsedMs = Math.max(1, (run.endedAt ?? now).getTime() - since.getTime());
  if (run.waitingUntil !== null && run.waitingUntil > now) {
    return `${run.waitingReason ?? "waiting"}, until ${run.waitingUntil.toLocaleTimeString()}`;
  }
  const expected = run.expectedItems !== null && run.expectedItems > 0 ? run.expectedItems : undefined;
  const share = expected === undefined ? undefined : Math.min(1, run.itemsSeen / expected);
  const filled = Math.round((share ?? 0) * BAR_WIDTH);
  const parts = [
    (run.stage ?? run.status).padEnd(8),
    share === undefined ? undefined : "█".repeat(filled) + "░".repeat(BAR_WIDTH - filled),
    `${countOf(run.itemsSeen, nounOf[run.type])}${expected === undefined ? "" : ` of ${expected.toLocaleString("en")}`}`,
    countOf(run.pages, "page"),
    `${Math.round((run.itemsSeen / elapsedMs) * 1000)}/s`,
    seconds(elapsedMs),
  ];
  return parts
    .filter((part) => part !== undefined)
    .join("  ")
    .slice(0, columns - 1);
}

/** Describes an ended run for people. */
export function describeRun(run: PrintedRun): string {
  const lines = [
    `${run.type === "dry_run" ? "dry run" : `${run.type} sync`} ${run.status.replaceAll("_", " ")}${durationOf(run)}`,
  ];
  for (const [resource, counts] of Object.entries(run.summary ?? {})) {
    const parts = [
      `${counts.created} created`,
      `${counts.updated} updated`,
      `${counts.unchanged} unchanged`,
      ...(counts.skipped > 0 ? [`${counts.skipped} without a client`] : []),
      ...(counts.gone > 0 ? [`${counts.gone} gone`] : []),
      ...(counts.held > 0 ? [`${counts.held} held`] : []),
      ...(counts.failed > 0 ? [`${counts.failed} failed`] : []),
    ];
    lines.push(`  ${resource.padEnd(8)} ${countOf(counts.seen, "record")}: ${parts.join(", ")}`);
  }
  for (const note of run.degraded) lines.push(`  ${note.resource}: ${note.reason} ${note.hint}`);
  if (run.errorMessage !== null) lines.push(`  ${run.errorMessage} ${run.errorHint ?? ""}`.trimEnd());
  return lines.join("\n");
}

const durationOf = (run: PrintedRun): string =>
  run.startedAt === null || run.endedAt === null
    ? ""
    : ` in ${seconds(run.endedAt.getTime() - run.startedAt.getTime())}`;

/** An ended run for programs: stable names, no internals. */
export const runToJson = (run: PrintedRun) => ({
  id: run.id,
  type: run.type,
  status: run.status,
  trigger: run.trigger,
  actor: run.actor,
  requestedAt: run.requestedAt,
  startedAt: run.startedAt,
  endedAt: run.endedAt,
  pages: run.pages,
  steps: run.steps,
  requests: run.requests,
  retries: run.retries,
  rateLimitedMs: run.rateLimitedMs,
  pendingPatches: run.pendingPatches,
  summary: run.summary,
  degraded: run.degraded,
  error:
    run.errorCode === null ? null : { code: run.errorCode, message: run.errorMessage, hint: run.errorHint },
});
