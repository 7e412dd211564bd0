import { spawn } from "node:child_process";
import { once } from "node:events";
import path from "node:path";
import { createInterface } from "node:readline";

export interface ThrowAwayPostgres {
  /** As the superuser. */
  url: string;
  stop(): Promise<void>;
}

/**
 * Starts a Postgres cluster of its own: temporary folder, free port on the loopback, with `settings` such as fsync=off
 * and Postgres's own for the rest. It ends with `stop()`, and also when this process dies in whatever way.
 * @throws when the Postgres binaries are missing and cannot be installed, with what to do
 */
export async function startPostgres(settings: readonly string[] = []): Promise<ThrowAwayPostgres> {
  const keeper = spawn(process.execPath, [path.resolve("tests/support/postgres-keeper.mjs"), ...settings], {
    // A group of its own: a Ctrl-C must not reach the server before the tests have let go of it.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(keeper, "exit");
  const [line] = (await Promise.race([
    once(createInterface(keeper.stdout), "line"),
    exited.then(() => [JSON.stringify({ error: "The throw-away Postgres ended before it answered." })]),
  ])) as [string];
  const answer = JSON.parse(line) as { url: string; error?: undefined } | { error: string };
  if (answer.error !== undefined) throw new Error(answer.error);
  return {
    url: answer.url,
    stop: async () => {
      keeper.stdin.end();
      await exited;
    },
  };
}
