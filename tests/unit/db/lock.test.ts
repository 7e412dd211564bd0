import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { transformSync } from "esbuild";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { dataDirHolder, DataDirInUseError, lockDataDir } from "@db/embedded/lock";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-lock-"));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

describe("the lock of a data folder", () => {
  it("is held by one process and told to the next", () => {
    const unlock = lockDataDir(dataDir);
    expect(dataDirHolder(dataDir)).toBe(process.pid);
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUseError);
    unlock();
    expect(dataDirHolder(dataDir)).toBeUndefined();
    lockDataDir(dataDir)();
  });

  it("of a process that died is taken over", async () => {
    const child = spawn(process.execPath, ["-e", ""]);
    await once(child, "exit");
    writeFileSync(path.join(dataDir, "lock"), `${child.pid} 1`);
    const unlock = lockDataDir(dataDir);
    expect(readFileSync(path.join(dataDir, "lock"), "utf8")).toMatch(new RegExp(`^${process.pid} `));
    expect(existsSync(path.join(dataDir, "lock.takeover"))).toBe(false);
    unlock();
  });

  it.skipIf(!existsSync("/proc/self/stat"))(
    "of a dead process is not mistaken for one that has its pid now",
    () => {
      writeFileSync(path.join(dataDir, "lock"), `${process.pid} 1`);
      lockDataDir(dataDir)();
    },
  );

  it("is taken over also after a start that was killed while it took over", () => {
    writeFileSync(path.join(dataDir, "lock"), "999999999 1");
    writeFileSync(path.join(dataDir, "lock.takeover"), "999999998 1");
    const unlock = lockDataDir(dataDir);
    expect(dataDirHolder(dataDir)).toBe(process.pid);
    expect(readdirSync(dataDir)).toEqual(["lock"]);
    unlock();
  });

  it.each([
    ["nothing", {}],
    ["the lock of a dead process", { lock: "999999999 1" }],
    ["a take-over that was cut off", { lock: "999999999 1", "lock.takeover": "999999998 1" }],
  ])("is had by one of several that start at once and find %s", async (_, left) => {
    for (const [name, text] of Object.entries(left)) writeFileSync(path.join(dataDir, name), text);
    const { code } = transformSync(readFileSync("db/embedded/lock.ts", "utf8"), { loader: "ts" });
    const starts = path.join(dataDir, "start.mjs");
    const at = Date.now() + 500;
    writeFileSync(
      starts,
      `${code}
      while (Date.now() < ${at});
      try { lockDataDir(${JSON.stringify(dataDir)}); console.log("has it"); }
      catch (error) { console.log(error.name); }
      setTimeout(() => {}, 60_000);`,
    );
    const answers = await Promise.all(
      Array.from({ length: 4 }, async () => {
        const child = spawn(process.execPath, [starts], { stdio: ["ignore", "pipe", "inherit"] });
        const [answer] = (await once(child.stdout, "data")) as [Buffer];
        return { child, answer: answer.toString().trim() };
      }),
    );
    for (const { child } of answers) child.kill();
    const said = answers.map(({ answer }) => answer).sort();
    expect(said).toEqual([...Array<string>(3).fill("DataDirInUseError"), "has it"]);
  });

  it("is not taken over while another process is taking it over", () => {
    writeFileSync(path.join(dataDir, "lock"), "999999999 1");
    writeFileSync(path.join(dataDir, "lock.takeover"), `${process.pid}`);
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUseError);
  });
});
