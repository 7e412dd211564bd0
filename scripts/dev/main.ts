import "../lib/heap.mjs";

import { existsSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

import { createApp } from "~/main.server";
import { ensureFirstRun } from "~/features/people/first-run.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

import { write } from "../../cli/output";
import { checkPort } from "../demo/port";
import { startSimulatorProcess } from "../demo/simulator-process";
import { ADMIN, fillWorld } from "../demo/world";
import { runInTerminal } from "../lib/child.mjs";
import { explainError } from "../lib/explain-error.mjs";

/**
 * The development world: a simulated Level account, connected, mapped and synced, in an embedded database that stays
 * between starts, and the app with hot reload.
 */

const DATA_DIR = path.resolve(".data/dev");

/** Written last: a folder without this file was not filled completely. */
const FILLED = path.join(DATA_DIR, "filled");

/** Fixed, because the connection stores the address that it was made with. */
const SIMULATOR_PORT = 4010;

const DEVICES = 500;

try {
  process.exitCode = await develop();
} catch (error) {
  process.stderr.write(`${explainError(error) ?? (error instanceof Error ? error.stack : String(error))}\n`);
  process.exitCode = 1;
}

/** Returns the exit code of the server. */
async function develop(): Promise<number> {
  const { PORT, LOG_LEVEL } = process.env;
  await checkPort(SIMULATOR_PORT);
  const simulator = await startSimulatorProcess(
    [
      ["--devices", DEVICES],
      ["--base-date", "now"],
      ["--port", SIMULATOR_PORT],
    ].flatMap((pair) => pair.map(String)),
  );
  const environment = {
    ...(PORT === undefined ? {} : { PORT }),
    LOG_LEVEL: LOG_LEVEL ?? "warn",
    DATA_DIR,
    LEVELIO_API_BASE_URL: simulator.url,
    ADMIN_EMAIL: ADMIN.email,
    ADMIN_PASSWORD: ADMIN.password,
  };
  try {
    if (!existsSync(FILLED)) await fill(environment, simulator.apiKey);
    write(`Sign in as ${ADMIN.email}, password ${ADMIN.password}. To begin anew, delete .data/dev.`);
    const remix = path.resolve("node_modules/@remix-run/dev/dist/cli.js");
    return await runInTerminal(process.execPath, [remix, "dev", "--manual", "-c", "node server.mjs"], {
      env: environment,
    });
  } finally {
    await simulator.stop();
  }
}

async function fill(environment: Record<string, string>, apiKey: string): Promise<void> {
  rmSync(DATA_DIR, { recursive: true, force: true });
  const config = loadConfig(environment);
  const app = await createApp(config, { log: createLogger({ level: config.logLevel }) });
  try {
    await ensureFirstRun(app);
    await app.jobs.start();
    await fillWorld(app, apiKey);
  } finally {
    await app.close();
  }
  writeFileSync(FILLED, "");
}
