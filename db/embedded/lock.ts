import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";

/** The embedded database is open elsewhere. Two writers on one folder lose rows silently, so it is refused. */
export class DataDirInUseError extends Error {
  override readonly name = "DataDirInUseError";
  constructor(
    readonly dataDir: string,
    readonly holderPid: number,
  ) {
    super(`The embedded database in ${dataDir} is open in process ${holderPid}.`);
  }
}

/**
 * Takes the data folder for this process: an exclusively created file with our pid and start time.
 * A file left by a dead process is taken over. Returns the release.
 * @throws DataDirInUseError when a live process holds it
 */
export function lockDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const file = path.join(dataDir, "lock");
  acquire(dataDir, file);
  return () => rmSync(file, { force: true });
}

function acquire(dataDir: string, file: string): void {
  if (!createExclusively(file)) takeOver(dataDir, file);
}

/**
 * Takes over what a dead process left. One process at a time may do so, or of two that start together the second
 * would remove the first one's fresh lock for the stale one.
 */
function takeOver(dataDir: string, file: string): void {
  const turn = path.join(dataDir, "lock.takeover");
  const refuseIfAlive = (held: string) => {
    const pid = liveHolder(held);
    if (pid !== undefined) throw new DataDirInUseError(dataDir, pid);
  };
  refuseIfAlive(file);
  if (!createExclusively(turn)) {
    // A start that was killed while it took over leaves its turn behind.
    refuseIfAlive(turn);
    removeDead(turn);
    return acquire(dataDir, file);
  }
  try {
    // A third start may find no file, and make its own, in between.
    while (!createExclusively(file)) {
      refuseIfAlive(file);
      removeDead(file);
    }
  } finally {
    rmSync(turn, { force: true });
  }
}

/** Moved away before it is removed: what turns out to be another's fresh one, made in its place, is put back. */
function removeDead(file: string): void {
  const moved = ownName(file);
  try {
    renameSync(file, moved);
    if (liveHolder(moved) !== undefined) linkSync(moved, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error))) throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

/**
 * Creates the file with our pid and start time in it; false when there is one. Linking a finished file makes it appear
 * with its content: one that is met empty would pass for a dead process's.
 */
function createExclusively(file: string): boolean {
  const mine = ownName(file);
  writeFileSync(mine, `${process.pid} ${startTimeOf(process.pid) ?? ""}`, { mode: 0o600 });
  try {
    linkSync(mine, file);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(mine, { force: true });
  }
}

const ownName = (file: string): string => `${file}.${process.pid}`;

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";

/** Tells whether a live process holds the data folder, and which. */
export const dataDirHolder = (dataDir: string): number | undefined => liveHolder(path.join(dataDir, "lock"));

function liveHolder(file: string): number | undefined {
  const holder = readHolder(file);
  return holder !== undefined && isAlive(holder) ? holder.pid : undefined;
}

interface Holder {
  pid: number;
  startTime: string;
}

function readHolder(file: string): Holder | undefined {
  try {
    const [pid = "", startTime = ""] = readFileSync(file, "utf8").split(" ");
    return /^\d+$/.test(pid) ? { pid: Number(pid), startTime } : undefined;
  } catch {
    return undefined;
  }
}

/** A pid is reused after a reboot or in a container (where it is often 1); its start time tells them apart. */
function isAlive(holder: Holder): boolean {
  try {
    process.kill(holder.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPERM") return false;
  }
  const startTime = startTimeOf(holder.pid);
  return startTime === undefined || holder.startTime === "" || startTime === holder.startTime;
}

/** Field 22 of /proc/<pid>/stat: the start in clock ticks since boot. Undefined where there is no /proc. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
