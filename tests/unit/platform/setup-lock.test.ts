import { spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, beforeEach, describe, expect, it } from "vitest";

/** Appends `in` and `out` around some work under the lock. */
const worker = `
  import { appendFileSync } from "node:fs";
  import { withSetupLock } from "./scripts/lib/lock.mjs";
  await withSetupLock(async () => {
    appendFileSync("log", "in\\n");
    await new Promise((resolve) => setTimeout(resolve, Number(process.env.WORK_MS)));
    appendFileSync("log", "out\\n");
  });
`;

describe("the lock around installing and building", () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), "plumbline-lock-"));
    cpSync("scripts/lib", path.join(folder, "scripts/lib"), { recursive: true });
    writeFileSync(path.join(folder, "worker.mjs"), worker);
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));

  const start = (workMs = 150) =>
    spawn(process.execPath, ["worker.mjs"], {
      cwd: folder,
      stdio: "ignore",
      env: { ...process.env, WORK_MS: String(workMs) },
    });
  const lockFile = () => path.join(folder, ".cache", "setup.lock");

  it("admits one process at a time, and leaves nothing behind", async () => {
    const codes = await Promise.all([1, 2, 3].map(async () => (await once(start(), "exit"))[0] as number));
    expect(codes).toEqual([0, 0, 0]);
    expect(readFileSync(path.join(folder, "log"), "utf8")).toBe("in\nout\n".repeat(3));
    expect(existsSync(lockFile())).toBe(false);
  });

  it("is taken over from a process that died with it", async () => {
    const victim = start(600_000);
    while (!existsSync(lockFile())) await new Promise((resolve) => setTimeout(resolve, 5));
    victim.kill("SIGKILL");
    await once(victim, "exit");
    expect(existsSync(lockFile())).toBe(true);

    const [code] = (await once(start(), "exit")) as [number];
    expect(code).toBe(0);
    expect(readFileSync(path.join(folder, "log"), "utf8")).toMatch(/in\nout\n$/);
  });

  it("waits while its holder lives", async () => {
    mkdirSync(path.dirname(lockFile()));
    writeFileSync(lockFile(), String(process.pid));
    const waiting = start();
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(existsSync(path.join(folder, "log"))).toBe(false);

    rmSync(lockFile());
    expect((await once(waiting, "exit"))[0]).toBe(0);
  });
});
