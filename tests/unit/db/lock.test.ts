import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import ts from "typescript";
import { afterEach, beforeEach, describe, expect, it } from "vitest";

import { dataDirHolder, DataDirInUseError, lockDataDir, refusalOfFileSystem } from "@db/embedded/lock";

let dataDir: string;

beforeEach(() => {
  dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-lock-"));
});

afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

/** A process that tries to take the lock, prints the result, and stays alive. */
async function startHolder(folder: string, command: string[] = []) {
  const { outputText: code } = ts.transpileModule(readFileSync("db/embedded/lock.ts", "utf8"), {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  });
  const file = path.join(
    tmpdir(),
    `plumbline-holder-${process.pid}-${Math.random().toString(36).slice(2)}.mjs`,
  );
  writeFileSync(
    file,
    `${code}
    try { await lockDataDir(${JSON.stringify(folder)}); console.log("has it"); }
    catch (error) { console.log(error.name); }
    setInterval(() => {}, 60_000);`,
  );
  const [program, ...args] = [...command, process.execPath, file];
  const child = spawn(program!, args, { stdio: ["ignore", "pipe", "inherit"] });
  const [answer] = (await once(child.stdout, "data")) as [Buffer];
  rmSync(file);
  const kill = async () => {
    const ended = once(child, "exit");
    child.kill("SIGKILL");
    await ended;
  };
  return { child, answer: answer.toString().trim(), kill };
}

const ownNamespace = ["unshare", "--pid", "--fork", "--mount-proc", "--kill-child"];
const canUnshare = spawnSync(ownNamespace[0]!, [...ownNamespace.slice(1), "true"]).status === 0;

describe("the lock of a data folder", () => {
  it("is held by one process, whose id the next one learns", async () => {
    const unlock = await lockDataDir(dataDir);
    expect(await dataDirHolder(dataDir)).toBe(process.pid);
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    unlock();
    expect(await dataDirHolder(dataDir)).toBeUndefined();
    (await lockDataDir(dataDir))();
    expect(readdirSync(dataDir)).toEqual([]);
  });

  it("of a killed process is taken over", async () => {
    const holder = await startHolder(dataDir);
    expect(holder.answer).toBe("has it");
    await holder.kill();
    const unlock = await lockDataDir(dataDir);
    expect(await dataDirHolder(dataDir)).toBe(process.pid);
    expect(readdirSync(dataDir).sort()).toEqual(["lock", "lock.sock"]);
    unlock();
  });

  it("is held also against a process in another pid namespace", async () => {
    const holder = await startHolder(dataDir);
    writeFileSync(path.join(dataDir, "lock"), "999999999 1 another-container");
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    await holder.kill();
    (await lockDataDir(dataDir))();
  });

  it.skipIf(!canUnshare)(
    "is held by one of two containers that mount the folder, although both have pid 1",
    async () => {
      const first = await startHolder(dataDir, ownNamespace);
      const second = await startHolder(dataDir, ownNamespace);
      expect([first.answer, second.answer]).toEqual(["has it", "DataDirInUseError"]);
      await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
      await second.kill();
      await first.kill();
    },
  );

  it("of a suspended process is not taken over", async () => {
    const holder = await startHolder(dataDir);
    holder.child.kill("SIGSTOP");
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    await holder.kill();
  });

  it("works in a folder whose path is longer than a socket's address may be", async () => {
    const deep = path.join(dataDir, ..."abcdefghij".split("").map((letter) => letter.repeat(30)));
    mkdirSync(deep, { recursive: true });
    const holder = await startHolder(deep);
    expect(holder.answer).toBe("has it");
    await expect(lockDataDir(deep)).rejects.toThrow(DataDirInUseError);
    await holder.kill();
    (await lockDataDir(deep))();
  });

  it("is refused beside a process of a version that used no socket", async () => {
    const start = readFileSync("/proc/self/stat", "utf8").split(") ")[1]!.split(" ")[19]!;
    writeFileSync(path.join(dataDir, "lock"), `${process.pid} ${start}`);
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    expect(readdirSync(dataDir)).toEqual(["lock"]);
    // Another process may have the number of a dead one: its start time tells them apart.
    writeFileSync(path.join(dataDir, "lock"), `${process.pid} 1`);
    (await lockDataDir(dataDir))();
  });

  it("is taken over also after a start that was killed during its takeover", async () => {
    const holder = await startHolder(dataDir);
    await holder.kill();
    const left = path.join(dataDir, "lock.sock.takeover");
    renameSync(path.join(dataDir, "lock.sock"), left);
    const other = await startHolder(dataDir);
    await other.kill();
    expect(existsSync(left)).toBe(true);
    const unlock = await lockDataDir(dataDir);
    expect(readdirSync(dataDir).sort()).toEqual(["lock", "lock.sock"]);
    unlock();
  });

  it("is not taken over while another process takes it over", async () => {
    const other = await startHolder(dataDir);
    renameSync(path.join(dataDir, "lock.sock"), path.join(dataDir, "lock.sock.takeover"));
    await (await startHolder(path.join(dataDir, "dead"))).kill();
    renameSync(path.join(dataDir, "dead", "lock.sock"), path.join(dataDir, "lock.sock"));
    await expect(lockDataDir(dataDir)).rejects.toThrow(DataDirInUseError);
    await other.kill();
    (await lockDataDir(dataDir))();
  });

  it.each(["nothing", "the lock of a dead process"])(
    "goes to one of several processes that start at once and find %s",
    async (found) => {
      if (found !== "nothing") await (await startHolder(dataDir)).kill();
      const starts = await Promise.all(Array.from({ length: 6 }, () => startHolder(dataDir)));
      const said = starts.map(({ answer }) => answer).sort();
      await Promise.all(starts.map(({ kill }) => kill()));
      expect(said).toEqual([...Array<string>(5).fill("DataDirInUseError"), "has it"]);
    },
  );
});

describe("a file system under the data folder", () => {
  const FUSE = 0x65735546;
  it.each([
    [FUSE, "fuse.sshfs", /FUSE file system \(fuse\.sshfs\)/],
    [FUSE, "virtiofs", /FUSE file system \(virtiofs\)/],
    [FUSE, undefined, /FUSE file system \(fuse\)/],
    [0x6969, "nfs4", /other machines may have open too/],
  ])("that other machines may have mounted too is refused: %d %s", (type, name, why) => {
    expect(refusalOfFileSystem(type, () => name)).toMatch(why);
  });

  it.each([
    [FUSE, "fuseblk"],
    [0xef53, "ext4"],
  ])("on a disk of this machine is accepted: %d %s", (type, name) => {
    expect(refusalOfFileSystem(type, () => name)).toBeUndefined();
  });
});
