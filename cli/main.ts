import { CommanderError } from "commander";

import { createProgram } from "./program";

/** One line that names what is wrong, one that says how to mend it, exit code 1. */
function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const { userMessage, hint } = error as { userMessage?: string; hint?: string };
  return [userMessage ?? error.message, hint].filter(Boolean).join("\n");
}

const EXPECTED = new Set([
  "CliError",
  "ConfigError",
  "DatabaseUnavailableError",
  "DataDirInUseError",
  "RmmError",
  "UnknownKeyError",
]);

try {
  await createProgram().parseAsync();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong; its help is no fault.
    process.exitCode = error.exitCode === 0 ? 0 : 1;
  } else {
    process.exitCode = 1;
    const isExpected = error instanceof Error && EXPECTED.has(error.name);
    const text = isExpected || !(error instanceof Error) ? explain(error) : (error.stack ?? String(error));
    if (process.argv.includes("--json"))
      process.stdout.write(`${JSON.stringify({ error: explain(error) })}\n`);
    process.stderr.write(`${text}\n`);
  }
}
// A pool or a worker that is still closing must not hold the terminal.
process.exit();
