import { CommanderError } from "commander";

import { explainError } from "../scripts/lib/explain-error.mjs";
import { CliError } from "./context";
import { write, writeJson } from "./output";
import { createProgram } from "./program";

/**
 * Runs one command. What a person can mend is told in a line that names it and how; with `--json` on standard output too.
 * Sets the process's exit code: 1 where the command failed.
 */
export async function run(args: string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    // Help that was asked for is no fault.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.exitCode = 1;
    const said = explain(error);
    if (args.includes("--json"))
      writeJson({ error: said ?? (error instanceof Error ? error.message : String(error)) });
    // Commander has told the terminal already.
    if (error instanceof CommanderError) return;
    write(said ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)), process.stderr);
  }
}

/** Undefined for an error nobody expected, which needs its stack. */
function explain(error: unknown): string | undefined {
  if (error instanceof CommanderError) return error.message.replace(/^error: /, "");
  if (error instanceof CliError) return [error.message, error.hint].filter(Boolean).join("\n");
  return explainError(error);
}
