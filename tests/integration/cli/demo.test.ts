import { spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type AddressInfo } from "node:net";
import { text } from "node:stream/consumers";

import { describe, expect, it } from "vitest";

import { testDatabaseKind } from "../../support/database";

/** Runs the demo as `npm run demo --` does once everything is installed and built. */
async function demo(args: string[], env: Record<string, string> = {}) {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/demo/main.ts", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, VITEST: "", ...env },
  });
  const [out, error] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (child.exitCode === null) await once(child, "exit");
  return { exitCode: child.exitCode, out, error };
}

// It brings its own embedded database, whatever the others are about.
describe.runIf(testDatabaseKind() === "embedded")("the demo", () => {
  it("syncs a simulated account and ends with one line of JSON that adds up", async () => {
    const { exitCode, out } = await demo(["--exit", "--devices", "120"]);
    expect(exitCode).toBe(0);
    const last = JSON.parse(out.trimEnd().split("\n").at(-1)!) as Record<string, number>;
    expect(last).toMatchObject({
      ok: true,
      status: "completed",
      devices: 120,
      updated: 0,
      unchanged: 0,
      failed: 0,
    });
    expect(last["created"]! + last["skipped"]!).toBe(120);
    expect(last["alerts"]).toBeGreaterThan(0);
    expect(last["updates"]).toBeGreaterThan(0);
  });

  it.each([
    ["an unknown option", ["--bogus"], /^Unknown option '--bogus'\. Usage: npm run demo/],
    ["a number that is none", ["--devices", "abc"], /^--devices is a number.*Usage: npm run demo/],
  ])("refuses %s in one line before anything is begun", async (_, args, line) => {
    expect(await demo(args)).toEqual({ exitCode: 1, out: "", error: expect.stringMatching(line) });
  });

  it("finds out before it syncs that its port is taken", async () => {
    const other = createServer().listen();
    await once(other, "listening");
    const { port } = other.address() as AddressInfo;
    try {
      expect(await demo(["--devices", "20"], { PORT: String(port) })).toEqual({
        exitCode: 1,
        out: "",
        error: `Port ${port} is in use. Stop what uses it, or set PORT to another.\n`,
      });
    } finally {
      other.close();
    }
  });
});
