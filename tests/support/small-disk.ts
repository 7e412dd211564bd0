import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";

/** A disk of the test's own that it can fill. */
export interface SmallDisk {
  folder: string;
  /** Fills the disk except for this many bytes. */
  fill(leftBytes?: number): void;
  makeRoom(): void;
  close(): void;
}

/** Mounts a disk in memory. Needs root, or a container with the right; returns undefined without it. */
export function mountSmallDisk(megabytes: number): SmallDisk | undefined {
  const folder = mkdtempSync(path.join(tmpdir(), "plumbline-disk-"));
  if (spawnSync("mount", ["-t", "tmpfs", "-o", `size=${megabytes}m`, "tmpfs", folder]).status !== 0) {
    rmSync(folder, { recursive: true, force: true });
    return undefined;
  }
  chmodSync(folder, 0o755);
  const filler = path.join(folder, "filler");
  const makeRoom = () => rmSync(filler, { force: true });
  return {
    folder,
    fill(leftBytes = 0) {
      makeRoom();
      const { bavail, bsize } = statfsSync(folder);
      try {
        writeFileSync(filler, Buffer.alloc(Math.max(0, bavail * bsize - leftBytes)));
      } catch (error) {
        // Another writer took some of the room meanwhile: the disk is as full as can be.
        if ((error as NodeJS.ErrnoException).code !== "ENOSPC") throw error;
      }
    },
    makeRoom,
    close() {
      spawnSync("umount", ["-l", folder]);
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
