import { spawn } from "node:child_process";
import { once } from "node:events";
import { tmpdir } from "node:os";
import path from "node:path";
import { createInterface } from "node:readline";

export interface ThrowAwayPostgres {
  /** Address with the superuser's name. */
  url: string;
  /** Ends the server as a crash would and keeps its data; does nothing if it has ended. */
  halt(): Promise<void>;
  /** Starts it again on the same port, once it has ended. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/**
 * Starts a Postgres cluster of its own: temporary folder in `parent`, free port on the loopback, `settings` such as
 * fsync=off, otherwise Postgres's defaults. It ends with `stop()`, and also when this process ends in any way.
 * @throws if the Postgres binaries are missing and cannot be installed, with what to do
 */
export async function startPostgres(
  settings: readonly string[] = [],
  parent = tmpdir(),
): Promise<ThrowAwayPostgres> {
  const script = path.resolve("tests/support/postgres-keeper.mjs");
  const keeper = spawn(process.execPath, [script, parent, ...settings], {
    // A process group of its own: Ctrl-C must not reach the server before the tests have closed their sessions.
    detached: true,
    stdio: ["pipe", "pipe", "inherit"],
  });
  const exited = once(keeper, "exit");
  const lines = createInterface(keeper.stdout);
  const answered = async () => {
    const [line] = (await Promise.race([
      once(lines, "line"),
      exited.then(() => [JSON.stringify({ error: "The throw-away Postgres ended before it answered." })]),
    ])) as [string];
    const answer = JSON.parse(line) as { url?: string; error?: undefined } | { error: string };
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer;
  };
  const tell = async (command: "halt" | "start") => {
    const answer = answered();
    keeper.stdin.write(`${command}\n`);
    await answer;
  };
  const { url } = await answered();
  return {
    url: url!,
    halt: () => tell("halt"),
    start: () => tell("start"),
    stop: async () => {
      keeper.stdin.end();
      await exited;
    },
  };
}
