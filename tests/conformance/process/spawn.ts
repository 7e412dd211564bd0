import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";

import type { ProcessOptions } from "./main";

/** Starts a process of `main.ts`. Shows its standard error, which should stay empty. */
export function startProcess(options: ProcessOptions): ChildProcess {
  const main = path.resolve("tests/conformance/process/main.ts");
  return spawn(process.execPath, ["--import", "tsx", main, JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Waits for the end of a process. Returns the signal that ended it, or its exit code. */
export async function endOf(child: ChildProcess): Promise<string | number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode ?? child.exitCode;
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal ?? code;
}
