import { spawn } from "node:child_process";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const ROOT = path.resolve(fileURLToPath(import.meta.url), "../../../..");

/** Runs the command until it ends, or, given a signal, until its first line; then sends the signal. */
function run(args: string[], signal?: NodeJS.Signals) {
  return new Promise<{ code: number | null; out: string; err: string; answered: number | null }>(
    (resolve, reject) => {
      const child = spawn(process.execPath, ["--import", "tsx", "tests/level-simulator/main.ts", ...args], {
        cwd: ROOT,
      });
      let out = "";
      let err = "";
      let answered: number | null = null;
      child.stderr.on("data", (chunk: Buffer) => (err += chunk.toString()));
      child.stdout.on("data", (chunk: Buffer) => {
        out += chunk.toString();
        const url = /url=(\S+) key=(\S+)/.exec(out);
        if (!signal || !url || answered !== null) return;
        answered = 0;
        fetch(`${url[1]}/v2/groups`, { headers: { authorization: url[2] ?? "" } })
          .then((response) => {
            answered = response.status;
            child.kill(signal);
          })
          .catch(reject);
      });
      child.once("error", reject);
      child.once("close", (code) => resolve({ code, out, err, answered }));
    },
  );
}

it.each(["SIGTERM", "SIGINT"] as const)(
  "prints one line with address and key, serves, and ends on %s",
  async (signal) => {
    const { code, out, err, answered } = await run(
      ["--port", "0", "--devices", "30", "--api-key", "K1"],
      signal,
    );
    expect(out).toMatch(/^Level simulator: url=http:\/\/127\.0\.0\.1:\d+ key=K1 devices=30\n$/);
    expect([answered, code, err]).toEqual([200, 0, ""]);
  },
);

it.each([
  [["--devices", "many"], "--devices"],
  [["--colour", "red"], "--colour"],
  [["--base-date", "someday"], "--base-date"],
  [["--port", "70000"], "--port"],
])("refuses %j in one line that names the option", async (args, name) => {
  const { code, out, err } = await run(args);
  expect(code).toBe(1);
  expect(out).toBe("");
  expect(err).toContain(name);
  expect(err.trim().split("\n")).toHaveLength(1);
});
