import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Worker } from "node:worker_threads";

import { connectSocket, type DatabaseConnection } from "../client";
import { EmbeddedFailedError, namedFailure } from "./failure";
import { lockDataDir } from "./lock";

/** How to start the embedded database. */
export interface EmbeddedOptions {
  /** The folder of the data. Absent: the data is in memory (tests). */
  dataDir?: string;
  /** A dump to start with (tests). */
  snapshotFile?: string;
  /** How many milliseconds the database's clock is ahead, in memory shared with the database's thread (the demo). */
  clockShift?: Float64Array<SharedArrayBuffer>;
}

/** An embedded database with its connection. */
export interface EmbeddedDatabase extends DatabaseConnection {
  /** The whole database as a tar file, with which others can start. */
  dump(): Promise<Uint8Array>;
}

/** A running embedded database. Only one connection to it may be open at a time. */
export interface EmbeddedServer {
  /** Resolves with the reason if the database cannot continue. */
  failed: Promise<unknown>;
  connect(): ReturnType<typeof connectSocket>;
  dump(): Promise<Uint8Array>;
  close(): Promise<void>;
}

const SOCKET_PORT = 5432;

/** Shorter than the time that the server gives the app for closing. */
const CLOSE_MS = 10_000;

/**
 * Starts the embedded database and opens the only connection to it.
 * @throws what `startEmbedded` throws
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
 * @throws DataDirInUseError if another process has the folder open, DataDirUnlockableError if nothing can tell,
 * NoSpaceLeftError if the disk is full, EmbeddedFailedError if the database does not start
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const { dataDir } = options;
  const unlock = dataDir === undefined ? () => {} : await lockFolder(dataDir);
  // In the temporary folder (mode 0700): a socket's path may have 107 bytes at most, and a data folder's path may be
  // longer.
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
    // The next start would take half of a new database for a damaged one.
    if (isNew) rmSync(folder, { recursive: true, force: true });
    release();
    throw error;
  }
  worker.unref();
  // A process that exits without close() must not leave the socket's folder behind.
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
      // If closing takes longer, the database's crash recovery repairs the rest at the next start.
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

/** Starts the worker. `failed` resolves when the thread ends, or cannot continue, before `terminate` was called. */
function startWorker(workerData: object) {
  const worker = new Worker(path.resolve("db/embedded/worker.mjs"), { workerData });
  let isEnding = false;
  const failed = new Promise<Error>((resolve) => {
    // A worker whose database has panicked uses a whole core until it is terminated.
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
      // Without this, if nothing else keeps the process alive, it would end with code 13 before the answer arrives.
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
