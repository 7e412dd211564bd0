import { spawn } from "node:child_process";
import { once } from "node:events";
import { constants } from "node:os";

import { SetupError } from "./project.mjs";

/**
 * Runs a program in this terminal until it ends, and passes signals on, so that the program can end in order.
 * @returns its exit code, or 128 + the number of the signal that ended it
 */
export async function runInTerminal(command, args, { env } = {}) {
  const child = spawn(command, args, { stdio: "inherit", env: { ...process.env, ...env } });
  // The terminal sends Ctrl-C to the whole group. Passing it on again would make a server end at once.
  const ignore = () => {};
  const forward = (signal) => child.kill(signal);
  process.on("SIGINT", process.stdin.isTTY ? ignore : forward);
  process.on("SIGTERM", forward);
  process.on("SIGHUP", forward);
  try {
    const [code, signal] = await once(child, "exit");
    return code ?? 128 + (constants.signals[signal] ?? 0);
  } finally {
    process.off("SIGINT", process.stdin.isTTY ? ignore : forward);
    process.off("SIGTERM", forward);
    process.off("SIGHUP", forward);
  }
}

/**
 * Runs a program and hides its output unless it fails.
 * @throws SetupError with the output, if the program fails
 */
export async function runQuietly(what, command, args, { env } = {}) {
  const child = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } });
  let output = "";
  for (const stream of [child.stdout, child.stderr]) stream.on("data", (chunk) => (output += chunk));
  const [code, signal] = await once(child, "close").catch((error) => [error.message, null]);
  if (code !== 0) throw new SetupError(`${what} failed (${signal ?? code}).\n${output.trim()}`);
}
