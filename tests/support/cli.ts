import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { vi } from "vitest";

import { run } from "../../cli/run";
import { startSimulator, type Simulator, type SimulatorOptions } from "../level-simulator";
import { createTestDatabase, testDatabaseKind } from "./database";
import { copyMigratedFolder } from "./embedded-folder";
import { TEST_APP_SECRET } from "./sync";

/** The output of a command and its exit code. */
export interface Said {
  exitCode: number;
  out: string;
  error: string;
}

/** The command line on a database that each command opens and closes, with a simulated Level account. */
export interface CliWorld {
  simulator: Simulator;
  /** Runs a command in this process. */
  cli(...args: string[]): Promise<Said>;
  /** Runs a command with `--json` and returns its standard output, parsed. */
  json(...args: string[]): Promise<Record<string, unknown>>;
  close(): Promise<void>;
}

export async function createCliWorld(options: SimulatorOptions): Promise<CliWorld> {
  const simulator = await startSimulator(options);
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-cli-"));
  const database = testDatabaseKind() === "postgres" ? await createTestDatabase() : undefined;
  const dataDir = path.join(folder, "data");
  if (database === undefined) await copyMigratedFolder(dataDir);
  vi.stubEnv("DATABASE_URL", database?.url);
  vi.stubEnv("DATA_DIR", dataDir);
  vi.stubEnv("APP_SECRET", TEST_APP_SECRET);
  vi.stubEnv("LEVELIO_API_BASE_URL", simulator.url);
  vi.stubEnv("ADMIN_EMAIL", "admin@example.com");
  vi.stubEnv("ADMIN_PASSWORD", "a-password-of-the-tests");
  return {
    simulator,
    cli: runCommand,
    json: async (...args) => JSON.parse((await runCommand(...args, "--json")).out) as Record<string, unknown>,
    close: async () => {
      vi.unstubAllEnvs();
      await simulator.close();
      await database?.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

export async function runCommand(...args: string[]): Promise<Said> {
  const out = listenTo(process.stdout);
  const error = listenTo(process.stderr);
  try {
    await run(args);
    return { exitCode: Number(process.exitCode ?? 0), out: out.text(), error: error.text() };
  } finally {
    process.exitCode = undefined;
    out.stop();
    error.stop();
  }
}

function listenTo(stream: NodeJS.WriteStream) {
  let text = "";
  const spy = vi.spyOn(stream, "write").mockImplementation((part) => {
    text += String(part);
    return true;
  });
  return { text: () => text, stop: () => spy.mockRestore() };
}
