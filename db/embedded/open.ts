import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { connectSocket, type DatabaseConnection } from "../client";
import { EmbeddedFailedError, namedFailure } from "./failure";
import { lockDataDir } from "./lock";

export interface EmbeddedOptions {
  /** Folder of the data; in memory when absent (tests). */
  dataDir?: string;
  /** A dump to start from (tests). */
  snapshotFile?: string;
  /** By how many milliseconds the database's clock is ahead, in memory that its thread shares (the demo). */
  clockShift?: Float64Array<SharedArrayBuffer>;
}

export interface EmbeddedDatabase extends DatabaseConnection {
  /** The whole database as a tar, to start others from. */
  dump(): Promise<Uint8Array>;
}

/** The embedded database without a connection to it: one at a time may be made. */
export interface EmbeddedServer {
  /** Resolves with the reason if the database cannot continue. */
  failed: Promise<unknown>;
  connect(): ReturnType<typeof connectSocket>;
  dump(): Promise<Uint8Array>;
  close(): Promise<void>;
}

const SOCKET_PORT = 5432;

/** Less than the server leaves the app for closing. */
const CLOSE_MS = 10_000;

/**
 * Opens the embedded database, with the one connection to it.
 * @throws DataDirInUseError when another process has the folder open, DataDirUnlockableError where that cannot be known
 */
export async function openEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedDatabase> {
  const server = await startEmbedded(options);
  const connection = server.connect();
  return {
    kind: "embedded",
    db: connection.db,
    failed: server.failed,
    dump: server.dump,
    close: async () => {
      await connection.close();
      await server.close();
    },
  };
}

/**
 * Starts the embedded database in a worker thread.
 * @throws DataDirInUseError when another process has the folder open, DataDirUnlockableError where that cannot be
 * known, NoSpaceLeftError, EmbeddedFailedError
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const { dataDir } = options;
  const unlock = dataDir === undefined ? () => {} : await lockFolder(dataDir);
  // Under the temporary folder (mode 0700): a socket's path may have 107 bytes, a data folder's path any number.
  const socketDir = mkdtempSync(path.join(tmpdir(), "plumbline-"));
  const release = () => {
    rmSync(socketDir, { recursive: true, force: true });
    unlock();
  };
  const folder = dataDir === undefined ? undefined : path.join(dataDir, "pglite");
  const isNew = folder !== undefined && !existsSync(folder);
  const worker = startWorker({
    dataDir: folder,
    snapshotFile: options.snapshotFile,
    clockShift: options.clockShift,
    socketPath: `${socketDir}/.s.PGSQL.${SOCKET_PORT}`,
  });
  const failed = worker.failed.then((error) => namedFailure(dataDir, error));
  try {
    await Promise.race([worker.next("ready"), failed.then((error) => Promise.reject(error))]);
  } catch (error) {
    await worker.terminate();
    // Half of a new database would pass for a damaged one at the next start.
    if (isNew) rmSync(folder, { recursive: true, force: true });
    release();
    throw error;
  }
  worker.unref();
  // An exit without close() must not leave the socket's folder.
  process.once("exit", release);
  return {
    failed,
    connect: () => connectSocket(socketDir, SOCKET_PORT),
    dump: async () => {
      const dumped = worker.next("dump");
      worker.ask("dump");
      try {
        return (await Promise.race([dumped, failed.then((error) => Promise.reject(error))])).bytes!;
      } finally {
        worker.unref();
      }
    },
    close: async () => {
      const closed = worker.next("closed");
      worker.ask("close");
      // What does not close in order is left to the database's crash safety.
      await Promise.race([closed, failed, sleep(CLOSE_MS, undefined, { ref: false })]);
      await worker.terminate();
      process.off("exit", release);
      release();
    },
  };
}

async function lockFolder(dataDir: string): Promise<() => void> {
  try {
    return await lockDataDir(dataDir);
  } catch (error) {
    throw namedFailure(dataDir, error);
  }
}

interface WorkerMessage {
  type: "ready" | "dump" | "closed" | "failed";
  bytes?: Uint8Array;
  message?: string;
  code?: string;
}

/** The worker's thread; `failed` resolves when it ends, or cannot continue, before it is terminated. */
function startWorker(workerData: object) {
  const worker = new Worker(path.resolve("db/embedded/worker.mjs"), { workerData });
  let isEnding = false;
  const failed = new Promise<Error>((resolve) => {
    // A worker whose database has panicked burns a core until it is ended.
    const fail = (error: Error) => {
      void worker.terminate();
      resolve(error);
    };
    worker.on("message", ({ type, message, code }: WorkerMessage) => {
      if (type === "failed") fail(Object.assign(new EmbeddedFailedError(message), code && { code }));
    });
    worker.on("error", (error) => fail(error));
    worker.on("exit", () => isEnding || fail(new EmbeddedFailedError("its thread has ended")));
  });
  return {
    failed,
    next: (type: WorkerMessage["type"]) =>
      new Promise<WorkerMessage>((resolve) => {
        const take = (message: WorkerMessage) => {
          if (message.type !== type) return;
          worker.off("message", take);
          resolve(message);
        };
        worker.on("message", take);
      }),
    ask: (question: "dump" | "close") => {
      isEnding = question === "close";
      // Nothing else may be left that keeps the process: it would end, with code 13, before the answer is there.
      worker.ref();
      worker.postMessage(question);
    },
    unref: () => worker.unref(),
    terminate: () => {
      isEnding = true;
      return worker.terminate();
    },
  };
}
