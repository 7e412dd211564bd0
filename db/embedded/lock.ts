import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
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
  if (!createExclusively(file)) takeOver(dataDir, file);
  return () => rmSync(file, { force: true });
}

/**
 * Takes over what a dead process left. One process at a time may do so, or of two that start together the second
 * would remove the first one's fresh lock for the stale one.
 */
function takeOver(dataDir: string, file: string): void {
  const turn = path.join(dataDir, "lock.takeover");
  const holder = readHolder(file);
  if (holder !== undefined && isAlive(holder)) throw new DataDirInUseError(dataDir, holder.pid);
  if (!createExclusively(turn)) {
    const other = readHolder(turn);
    if (other !== undefined && isAlive(other)) throw new DataDirInUseError(dataDir, other.pid);
    rmSync(turn, { force: true });
    throw new Error(`A start was cut off while it took over ${dataDir}. Start again.`);
  }
  try {
    const now = readHolder(file);
    if (now !== undefined && isAlive(now)) throw new DataDirInUseError(dataDir, now.pid);
    rmSync(file, { force: true });
    createExclusively(file);
  } finally {
    rmSync(turn, { force: true });
  }
}

/** Creates the file with our pid and start time in it; false when there is one. */
function createExclusively(file: string): boolean {
  try {
    const fd = openSync(file, "wx", 0o600);
    writeSync(fd, `${process.pid} ${startTimeOf(process.pid) ?? ""}`);
    closeSync(fd);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return false;
    throw error;
  }
}

/** Tells whether a live process holds the data folder, and which. */
export function dataDirHolder(dataDir: string): number | undefined {
  const holder = readHolder(path.join(dataDir, "lock"));
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
