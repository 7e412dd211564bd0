import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import type * as fs from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

import { afterEach, expect, it, vi } from "vitest";

import { DataDirUnlockableError, lockDataDir } from "@db/embedded/lock";

const FUSE = 0x65735546;

// No file system of this kind can be mounted in every place that tests run in: the kernel's word for it is made up.
vi.mock("node:fs", async (original) => {
  const real = await original<typeof fs>();
  return { ...real, statfsSync: (folder: string) => ({ ...real.statfsSync(folder), type: FUSE }) };
});

/** A file system in memory, which Linux mounts here. */
const IN_MEMORY = "/dev/shm";
let dataDir: string;
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

it.skipIf(!existsSync(IN_MEMORY))(
  "a data folder on a FUSE file system is refused by the file system's name, and nothing is left in it",
  async () => {
    dataDir = mkdtempSync(path.join(IN_MEMORY, "plumbline-fuse-"));
    const refusal: unknown = await lockDataDir(dataDir).catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(DataDirUnlockableError);
    expect((refusal as Error).message).toContain("it is on a FUSE file system (tmpfs)");
    expect(readdirSync(dataDir)).toEqual([]);
  },
);

it("a data folder on a FUSE file system is refused wherever it stands", async () => {
  dataDir = mkdtempSync(path.join(tmpdir(), "plumbline-fuse-"));
  await expect(lockDataDir(dataDir)).rejects.toThrow(/FUSE file system/);
});
