import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import type * as fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterAll, afterEach, beforeAll, expect, it, vi } from "vitest";

import type * as embeddedLock from "@db/embedded/lock";

const FUSE = 0x65735546;

// Not every place that tests run in can mount such a file system, so the kernel's answer is faked. The module is loaded
// anew, since another file's tests may have loaded it already.
let lock: typeof embeddedLock;
beforeAll(async () => {
  vi.resetModules();
  vi.doMock("node:fs", async (original) => {
    const real = await original<typeof fs>();
    return { ...real, statfsSync: (folder: string) => ({ ...real.statfsSync(folder), type: FUSE }) };
  });
  lock = await import("@db/embedded/lock");
});
afterAll(() => {
  vi.doUnmock("node:fs");
  vi.resetModules();
});

/** A file system in memory, which Linux mounts here. */
const IN_MEMORY = "/dev/shm";
let dataDir: string;
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it.skipIf(!existsSync(IN_MEMORY))(
  "a data folder on a FUSE file system is refused by the file system's name, and nothing is left in it",
  async () => {
    dataDir = mkdtempSync(path.join(IN_MEMORY, "plumbline-fuse-"));
    const refusal: unknown = await lock.lockDataDir(dataDir).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(lock.DataDirUnlockableError);
    expect((refusal as Error).message).toContain("it is on a FUSE file system (tmpfs)");
    expect(readdirSync(dataDir)).toEqual([]);
  },
);

it("a data folder on a FUSE file system is refused wherever it stands", async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-fuse-"));
  await expect(lock.lockDataDir(dataDir)).rejects.toThrow(/FUSE file system/);
});
