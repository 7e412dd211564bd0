import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

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

  it("is not taken over while another process is taking it over", () => {
    writeFileSync(path.join(dataDir, "lock"), "999999999 1");
    writeFileSync(path.join(dataDir, "lock.takeover"), `${process.pid}`);
    expect(() => lockDataDir(dataDir)).toThrow(DataDirInUseError);
  });
});
