import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** Figures that Linux gives about processes and processors. All are 0 if unreadable. */

const TICK_MS = 10;

interface Process {
  pid: number;
  parent: number;
  /** Milliseconds of processor time of the process and of its children that have ended. */
  ownMs: number;
  endedMs: number;
}

/** Milliseconds of processor time of processes and all their descendants. */
export function familyMs(pids: readonly number[]): number {
  const all = readProcesses();
  const family = new Set(pids);
  for (let before = 0; before < family.size;) {
    before = family.size;
    for (const { pid, parent } of all) if (family.has(parent)) family.add(pid);
  }
  return all
    .filter(({ pid }) => family.has(pid))
    .reduce((sum, { ownMs, endedMs }) => sum + ownMs + endedMs, 0);
}

/** The parent of a process. */
export const parentOf = (pid: number): number =>
  readProcesses().find((each) => each.pid === pid)?.parent ?? 0;

/** Milliseconds of all processors together: busy and total. */
export function processorsMs(): { busy: number; all: number } {
  const [line = ""] = readText("/proc/stat").split("\n");
  const ticks = line.trim().split(/\s+/).slice(1, 9).map(Number);
  const all = ticks.reduce((sum, n) => sum + n, 0);
  const [, , , idle = 0, waiting = 0] = ticks;
  return { busy: (all - idle - waiting) * TICK_MS, all: all * TICK_MS };
}

/** The process of this machine that listens on a port, if permissions allow. */
export function processOnPort(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, "0");
  const inodes = new Set(
    ["/proc/net/tcp", "/proc/net/tcp6"]
      .flatMap((file) => readText(file).split("\n"))
      .map((line) => line.trim().split(/\s+/))
      .filter(([, local = "", , state]) => local.endsWith(`:${hex}`) && state === "0A")
      .map((fields) => `socket:[${fields[9]}]`),
  );
  return readProcesses().find(({ pid }) => filesOf(pid).some((file) => inodes.has(file)))?.pid;
}

function readProcesses(): Process[] {
  return listed("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const text = readText(`/proc/${name}/stat`);
      // A program's name is in brackets and may contain brackets and spaces.
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      if (fields.length < 15) return [];
      const at = (place: number) => Number(fields[place]);
      return {
        pid: Number(name),
        parent: at(1),
        ownMs: (at(11) + at(12)) * TICK_MS,
        endedMs: (at(13) + at(14)) * TICK_MS,
      };
    });
}

const filesOf = (pid: number): string[] =>
  listed(`/proc/${pid}/fd`).flatMap((name) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${name}`);
    } catch {
      return [];
    }
  });

function listed(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}

function readText(file: string): string {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}
