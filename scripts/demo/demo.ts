import { rmSync } from "node:fs";
import path from "node:path";

import { DataDirInUseError, dataDirHolder } from "@db/embedded/lock";
import { openEmbedded } from "@db/embedded/open";
import { migrateToLatest } from "@db/migrate";
import { setApp, type App } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { ensureFirstRun } from "~/features/people/first-run.server";
import { loadConfig, type Config } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

import { countOf, seconds, write, writeJson } from "../../cli/output";
import { listen } from "../lib/web-server.mjs";
import { readAllCustomFields } from "./custom-fields";
import { liveThrough } from "./history";
import type { DemoOptions } from "./options";
import { checkPort } from "./port";
import { createShiftedClock, type ShiftedClock } from "./shifted-clock";
import { startSimulatorProcess, type SimulatorProcess } from "./simulator-process";
import { ADMIN, fillWorld, type FilledWorld } from "./world";

const DATA_DIR = path.resolve(".data/demo");

/**
 * Connects a simulated Level account, maps it and syncs it, on an embedded database of its own; then serves it, or ends
 * the process with `options.exit`.
 */
export async function demo(options: DemoOptions): Promise<void> {
  const begunAt = Date.now();
  const { PORT, LOG_LEVEL = "warn" } = process.env;
  const config = loadConfig({
    PORT,
    LOG_LEVEL,
    DATA_DIR,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  });
  if (!options.exit) await checkPort(config.port);
  const clock = createShiftedClock(options.days);
  const simulator = await startSimulatorProcess(
    [
      ["--devices", options.devices],
      ["--seed", options.seed],
      ["--latency", options.latency],
      ["--base-date", clock.now().toISOString()],
    ].flatMap((pair) => pair.map(String)),
  );
  write(`Level simulator with ${countOf(options.devices, "device")} at ${simulator.url}`);
  const { app, world } = await fill({ ...config, levelApiBaseUrl: simulator.url }, clock, simulator, options);
  const summary = summarise(world, Date.now() - begunAt);
  const isGood = world.full.status === "completed" && world.alerts.status === "completed";

  if (options.exit) {
    await app.close();
    await simulator.stop();
    printSummary(summary);
    writeJson({ ok: isGood, ...summary });
    process.exit(isGood ? 0 : 1);
  }
  printSummary(summary);
  await serve(app, simulator.stop);
}

interface DemoWorld extends FilledWorld {
  history: { days: number; syncs: number };
}

/**
 * Fills the world at the start of the history through the durable functions, plays the history, then opens the app at
 * today's date.
 */
async function fill(
  config: Config,
  clock: ShiftedClock,
  simulator: SimulatorProcess,
  { days, devices }: DemoOptions,
): Promise<{ app: App; world: DemoWorld }> {
  const holder = await dataDirHolder(DATA_DIR);
  if (holder !== undefined) throw new DataDirInUseError(DATA_DIR, holder);
  rmSync(DATA_DIR, { recursive: true, force: true });
  const past = await openPast(config, clock);
  await past.jobs.start();
  const filled = await fillWorld(past, simulator.apiKey);
  await past.jobs.stop();
  const hasFields = await readAllCustomFields(past, filled.ref, devices);
  const syncs = days === 0 ? 0 : await liveThrough(past, filled.ref, { days, devices, clock, simulator });
  if (hasFields && days > 0) await readAllCustomFields(past, filled.ref, devices);
  if (hasFields) write(`Custom fields of ${countOf(devices, "device")} read`);
  await past.close();
  const app = await createApp(config, { log: createLogger({ level: config.logLevel }) });
  await app.jobs.start();
  setApp(app);
  return { app, world: { ...filled, history: { days, syncs } } };
}

/** Opens the app and its database with both clocks set back by some days. */
async function openPast(config: Config, clock: ShiftedClock): Promise<App> {
  const log = createLogger({ level: config.logLevel });
  const connection = await openEmbedded({ dataDir: DATA_DIR, clockShift: clock.shift });
  await migrateToLatest(connection);
  const now = () => clock.now();
  const app = await createApp(config, { connection, log, clock: now, calls: { now } });
  await ensureFirstRun(app);
  return app;
}

function summarise({ groups, full, alerts, clients, history }: DemoWorld, totalMs: number) {
  const durationMs = full.endedAt!.getTime() - full.startedAt!.getTime();
  return {
    status: full.status,
    groups: groups.itemsSeen,
    clients,
    devices: full.itemsSeen,
    created: full.itemsCreated,
    updated: full.itemsUpdated,
    unchanged: full.itemsUnchanged,
    skipped: full.itemsSkipped,
    failed: full.itemsFailed,
    updates: full.summary?.updates?.seen ?? 0,
    pendingPatches: full.pendingPatches ?? 0,
    alerts: alerts.itemsSeen,
    pages: full.pages,
    steps: full.steps,
    durationMs,
    devicesPerSecond: Math.round((full.itemsSeen / durationMs) * 1000),
    historyDays: history.days,
    historySyncs: history.syncs,
    totalMs,
  };
}

function printSummary(summary: ReturnType<typeof summarise>): void {
  const lines: [string, string][] = [
    ["groups", `${summary.groups}, mapped to ${countOf(summary.clients, "client")}`],
    [
      "devices",
      `${summary.devices}: ${summary.created} created, ${summary.updated} updated, ${summary.unchanged} unchanged, ` +
        `${summary.skipped} without a client, ${summary.failed} failed`,
    ],
    ["updates", `${summary.updates}, ${summary.pendingPatches} of them pending on assets`],
    ["alerts", String(summary.alerts)],
    [
      "full sync",
      `${seconds(summary.durationMs)}, ${summary.pages} pages, ${summary.steps} durable steps, ${summary.devicesPerSecond} devices/s`,
    ],
    ["history", `${countOf(summary.historyDays, "day")}, ${countOf(summary.historySyncs, "more sync")}`],
    ["in all", seconds(summary.totalMs)],
  ];
  write(`\nFull sync ${summary.status.replaceAll("_", " ")}`);
  for (const [name, text] of lines) write(`  ${name.padEnd(10)} ${text}`);
}

async function serve(app: App, stopSimulator: () => Promise<void>): Promise<void> {
  const build: unknown = await import(path.resolve("build/index.js"));
  const server = await listen(build, { boot: () => Promise.resolve(app) });
  write(
    `\nLook at it: ${server.url}   (sign in as ${ADMIN.email}, password ${ADMIN.password})   Ctrl-C ends the demo`,
  );
  let isStopping = false;
  const stop = () => {
    if (isStopping) process.exit(1);
    isStopping = true;
    void server
      .close()
      .then(stopSimulator)
      .then(() => process.exit(0));
  };
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}
