import { CommanderError } from "commander";

import { explainError } from "../scripts/lib/explain-error.mjs";
import { CliError } from "./context";
import { write, writeJson } from "./output";
import { createProgram } from "./program";

/**
 * Runs one command. Prints an error that a person can fix as one line with the remedy; with `--json` also on standard
 * output. Sets the exit code of the process: 1 if the command failed.
 */
export async function run(args: string[]): Promise<void> {
  try {
    await createProgram().parseAsync(args, { from: "user" });
  } catch (error) {
    // A request for help is no error.
    if (error instanceof CommanderError && error.exitCode === 0) return;
    process.exitCode = 1;
    const said = explain(error);
    if (args.includes("--json"))
      writeJson({ error: said ?? (error instanceof Error ? error.message : String(error)) });
    // Commander has printed it already.
    if (error instanceof CommanderError) return;
    write(said ?? (error instanceof Error ? (error.stack ?? error.message) : String(error)), process.stderr);
  }
}

/** Undefined for an unexpected error, whose stack should be printed. */
function explain(error: unknown): string | undefined {
  if (error instanceof CommanderError) return error.message.replace(/^error: /, "");
  if (error instanceof CliError) return [error.message, error.hint].filter(Boolean).join("\n");
  return explainError(error);
}
