import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

import { compileProgram } from "@tests/support/compiled";

import type { ProcessOptions } from "./main";

/** Starts a process of `main.ts`. Shows its standard error, which should stay empty. */
export function startProcess(options: ProcessOptions): ChildProcess {
  const main = compileProgram("tests/conformance/process/main.ts");
  return spawn(process.execPath, [main, JSON.stringify(options)], {
    stdio: ["ignore", "ignore", "inherit"],
  });
}

/** Waits for the end of a process. Returns the signal that ended it, or its exit code. */
export async function endOf(child: ChildProcess): Promise<string | number | null> {
  if (child.exitCode !== null || child.signalCode !== null) return child.signalCode ?? child.exitCode;
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  return signal ?? code;
}
