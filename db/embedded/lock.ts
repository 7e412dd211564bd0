import { randomBytes } from "node:crypto";
import { once } from "node:events";
import {
  accessSync,
  closeSync,
  constants,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statfsSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { connect, createServer, type Server } from "node:net";
import { hostname } from "node:os";
import path from "node:path";

/**
 * Another process has the embedded database open. Two writers on one folder lose rows silently, so the second is
 * refused.
 */
export class DataDirInUseError extends Error {
  override readonly name = "DataDirInUseError";
  constructor(
    readonly dataDir: string,
    /** The holder's own process id. If the holder is in another container, it may mean another process here. */
    readonly holderPid: number,
  ) {
    super(`The embedded database in ${dataDir} is open in process ${holderPid}.`);
  }
}

/** Nothing can keep a second process out of this folder, so the app does not open the embedded database in it. */
export class DataDirUnlockableError extends Error {
  override readonly name = "DataDirUnlockableError";
  readonly userMessage: string;
  readonly hint = "Set DATA_DIR to a folder on a disk of this machine, or use Postgres (DATABASE_URL).";
  constructor(dataDir: string, why: string) {
    super(`The embedded database cannot be locked in ${dataDir}: ${why}.`);
    this.userMessage = this.message;
  }
}

/**
 * File systems that several machines may mount: a kernel's lock only holds on its own machine. Magic numbers of
 * statfs(2): NFS, SMB, CIFS, SMB2, Ceph, AFS, Coda, Lustre, GFS2, OCFS2, 9p.
 */
const SHARED_FILE_SYSTEMS = new Set([
  0x6969, 0x517b, 0xff534d42, 0xfe534d42, 0x00c36400, 0x5346414f, 0x73757245, 0x0bd00bd0, 0x01161970,
  0x7461636f, 0x01021997,
]);

/** A socket's address may have at most 107 bytes on Linux and 103 on macOS. */
const MAX_ADDRESS_BYTES = 100;

/**
 * Locks the data folder for this process by listening on a socket in it. The kernel closes the socket however the
 * process ends, and the socket works across all containers that share the folder, whereas a pid means nothing there.
 * Takes over a socket on which nobody listens. Returns a function that releases the lock.
 * @throws DataDirInUseError if a live process holds the folder; DataDirUnlockableError if such a lock is impossible in
 * it
 */
export async function lockDataDir(dataDir: string): Promise<() => void> {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  accessSync(dataDir, constants.W_OK);
  refuseSharedFileSystem(dataDir);
  const file = path.join(dataDir, LOCK);
  const mine = path.join(dataDir, `${LOCK}.${randomBytes(6).toString("hex")}`);
  const server = await listenAt(dataDir, mine);
  let isHeld = false;
  try {
    await acquire(dataDir, file, mine);
    isHeld = true;
    // Versions without the socket lock by this file; messages show the number in it.
    refuseOlderHolder(dataDir);
    writeFileSync(
      path.join(dataDir, PID_FILE),
      `${process.pid} ${startTimeOf(process.pid) ?? ""} ${hostname()}`,
      {
        mode: 0o600,
      },
    );
  } catch (error) {
    if (isHeld) rmSync(file, { force: true });
    release(server, mine);
    throw error;
  }
  rmSync(mine, { force: true });
  return () => {
    rmSync(path.join(dataDir, PID_FILE), { force: true });
    rmSync(file, { force: true });
    release(server, mine);
  };
}

const LOCK = "lock.sock";
const PID_FILE = "lock";

/**
 * Makes the socket `mine` the lock. The socket already listens when it is linked, so the lock is alive from its first
 * moment. Only one process at a time removes a dead lock: of two that start together, the second would otherwise remove
 * the first one's new lock.
 */
async function acquire(dataDir: string, file: string, mine: string): Promise<void> {
  const turn = `${file}.takeover`;
  const refuseIfAlive = async (held: string) => {
    if (await isListening(held)) throw new DataDirInUseError(dataDir, pidIn(dataDir) ?? 0);
  };
  while (!linkExclusively(mine, file)) {
    await refuseIfAlive(file);
    if (!linkExclusively(mine, turn)) {
      // A process that was killed during its takeover leaves this file behind.
      await refuseIfAlive(turn);
      await removeDead(turn);
      continue;
    }
    try {
      // A third process may find no file in between, and make its own.
      while (!linkExclusively(mine, file)) {
        await refuseIfAlive(file);
        await removeDead(file);
      }
      return;
    } finally {
      rmSync(turn, { force: true });
    }
  }
}

/** Renames the file before removing it, so that it can restore a new lock that another process made in the meantime. */
async function removeDead(file: string): Promise<void> {
  const moved = `${file}.${randomBytes(6).toString("hex")}`;
  try {
    renameSync(file, moved);
    if (await isListening(moved)) linkSync(moved, file);
  } catch (error) {
    if (!["ENOENT", "EEXIST"].includes(codeOf(error))) throw error;
  } finally {
    rmSync(moved, { force: true });
  }
}

/** Gives the socket a second name; returns false if the name is taken. */
function linkExclusively(socket: string, name: string): boolean {
  try {
    linkSync(socket, name);
    return true;
  } catch (error) {
    if (codeOf(error) === "EEXIST") return false;
    throw error;
  }
}

/**
 * Listens on a new socket, and checks that another process would find it there.
 * @throws DataDirUnlockableError if it would not; the file system's error if the disk is full
 */
async function listenAt(dataDir: string, file: string): Promise<Server> {
  const server = createServer((socket) => socket.destroy());
  server.unref();
  try {
    await withAddress(file, async (address) => {
      server.listen(address);
      await once(server, "listening");
    });
    const proof = `${file}.proof`;
    linkSync(file, proof);
    const isFound = await isListening(proof);
    rmSync(proof, { force: true });
    if (!isFound) throw new Error("a socket in it does not answer");
    return server;
  } catch (error) {
    release(server, file);
    // A full disk does not mean that the file system cannot lock.
    if (["ENOSPC", "EDQUOT"].includes(codeOf(error))) throw Object.assign(error as Error, { path: dataDir });
    throw new DataDirUnlockableError(dataDir, error instanceof Error ? error.message : String(error));
  }
}

/** Whether a process of this machine, in any container, listens on the socket. Returns true if that is uncertain. */
async function isListening(file: string): Promise<boolean> {
  try {
    return await withAddress(file, async (address) => {
      const socket = connect(address);
      try {
        await once(socket, "connect");
        return true;
      } finally {
        socket.destroy();
      }
    });
  } catch (error) {
    return !["ECONNREFUSED", "ENOENT", "ENOTSOCK"].includes(codeOf(error));
  }
}

/** Shortens the path if needed: a socket's address must be short, and Linux offers a short path for an open folder. */
async function withAddress<T>(file: string, use: (address: string) => Promise<T>): Promise<T> {
  if (Buffer.byteLength(file) <= MAX_ADDRESS_BYTES) return use(file);
  if (process.platform !== "linux") throw new Error(`the path has more than ${MAX_ADDRESS_BYTES} bytes`);
  const folder = openSync(path.dirname(file), "r");
  try {
    return await use(`/proc/self/fd/${folder}/${path.basename(file)}`);
  } finally {
    closeSync(folder);
  }
}

function refuseSharedFileSystem(dataDir: string): void {
  const { type } = statfsSync(dataDir);
  const refusal = refusalOfFileSystem(type >>> 0, () => fileSystemName(dataDir));
  if (refusal !== undefined) throw new DataDirUnlockableError(dataDir, refusal);
}

/**
 * Why the app refuses a file system; undefined if it does not. A program serves a FUSE file system, and nothing shows
 * whether it serves the same files elsewhere too (sshfs, s3fs, a host's folder in a virtual machine). Only `fuseblk` is
 * certain to be a disk of this machine.
 */
export function refusalOfFileSystem(type: number, nameOf: () => string | undefined): string | undefined {
  if (SHARED_FILE_SYSTEMS.has(type)) return "it is on a file system that other machines may have open too";
  if (type !== FUSE) return undefined;
  const name = nameOf() ?? "fuse";
  return name === "fuseblk"
    ? undefined
    : `it is on a FUSE file system (${name}), which other machines may have open too`;
}

const FUSE = 0x65735546;

/** The kernel's name for the file system of a folder, such as `fuse.sshfs`; undefined if it cannot be read. */
function fileSystemName(folder: string): string | undefined {
  try {
    const { dev } = statSync(folder);
    const device = `${(dev >>> 8) & 0xfff}:${(dev & 0xff) | ((dev >>> 12) & 0xfff00)}`;
    const mount = readFileSync("/proc/self/mountinfo", "utf8")
      .split("\n")
      .find((line) => line.split(" ")[2] === device);
    return mount?.split(" - ")[1]?.split(" ")[0];
  } catch {
    return undefined;
  }
}

function release(server: Server, file: string): void {
  server.close();
  rmSync(file, { force: true });
}

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? "";

/** The process id of the holder of the data folder, as the holder knows it; undefined if nobody holds it. */
export async function dataDirHolder(dataDir: string): Promise<number | undefined> {
  if (await isListening(path.join(dataDir, LOCK))) return pidIn(dataDir) ?? 0;
  return olderHolder(dataDir);
}

/** @throws DataDirInUseError if a process of a version without the socket has the folder open */
function refuseOlderHolder(dataDir: string): void {
  const pid = olderHolder(dataDir);
  if (pid !== undefined) throw new DataDirInUseError(dataDir, pid);
}

/** Such a process wrote only its pid and start time; versions with the socket append the name of the machine. */
function olderHolder(dataDir: string): number | undefined {
  const [pid = "", startTime = "", host] = pidFile(dataDir);
  if (!/^\d+$/.test(pid) || host !== undefined) return undefined;
  try {
    process.kill(Number(pid), 0);
  } catch (error) {
    if (codeOf(error) !== "EPERM") return undefined;
  }
  // Pids are reused after a reboot or in a container (where the pid is often 1); the start time tells processes apart.
  const actual = startTimeOf(Number(pid));
  return actual === undefined || startTime === "" || actual === startTime ? Number(pid) : undefined;
}

function pidIn(dataDir: string): number | undefined {
  const [pid = ""] = pidFile(dataDir);
  return /^\d+$/.test(pid) ? Number(pid) : undefined;
}

function pidFile(dataDir: string): string[] {
  try {
    return readFileSync(path.join(dataDir, PID_FILE), "utf8").split(" ");
  } catch {
    return [];
  }
}

/** Field 22 of /proc/<pid>/stat: the process's start in clock ticks since boot. Undefined without /proc. */
function startTimeOf(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
    return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
  } catch {
    return undefined;
  }
}
