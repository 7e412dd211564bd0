import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import path from "node:path";
import { Worker } from "node:worker_threads";

import { connectSocket, type DatabaseConnection } from "../client";
import { lockDataDir } from "./lock";

export interface EmbeddedOptions {
  /** Folder of the data; in memory when absent (tests). */
  dataDir?: string;
  /** A dump to start from (tests). */
  snapshotFile?: string;
}

export interface EmbeddedDatabase extends DatabaseConnection {
  /** The whole database as a tar, to start others from. */
  dump(): Promise<Uint8Array>;
}

/** The embedded database without a connection to it: one at a time may be made. */
export interface EmbeddedServer {
  connect(): ReturnType<typeof connectSocket>;
  dump(): Promise<Uint8Array>;
  close(): Promise<void>;
}

const SOCKET_PORT = 5432;

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
    dump: server.dump,
    close: async () => {
      await connection.close();
      await server.close();
    },
  };
}

/**
 * Starts the embedded database in a worker thread.
 * @throws DataDirInUseError when another process has the folder open, DataDirUnlockableError where that cannot be known
 */
export async function startEmbedded(options: EmbeddedOptions = {}): Promise<EmbeddedServer> {
  const unlock = options.dataDir === undefined ? () => {} : await lockDataDir(options.dataDir);
  // Under the temporary folder (mode 0700): a socket's path may have 107 bytes, a data folder's path any number.
  const socketDir = mkdtempSync(path.join(tmpdir(), "plumbline-"));
  const release = () => {
    rmSync(socketDir, { recursive: true, force: true });
    unlock();
  };
  const worker = new Worker(path.resolve("db/embedded/worker.mjs"), {
    workerData: {
      dataDir: options.dataDir === undefined ? undefined : path.join(options.dataDir, "pglite"),
      snapshotFile: options.snapshotFile,
      socketPath: `${socketDir}/.s.PGSQL.${SOCKET_PORT}`,
    },
  });
  try {
    await once(worker, "message");
  } catch (error) {
    release();
    throw error;
  }
  worker.unref();
  // An exit without close() must not leave the socket's folder behind.
  process.once("exit", release);
  const ask = async (question: "dump" | "close"): Promise<{ bytes?: Uint8Array }> => {
    const answer = once(worker, "message") as Promise<[{ bytes?: Uint8Array }]>;
    worker.postMessage(question);
    return (await answer)[0];
  };
  return {
    connect: () => connectSocket(socketDir, SOCKET_PORT),
    dump: async () => (await ask("dump")).bytes!,
    close: async () => {
      await ask("close");
      await worker.terminate();
      process.off("exit", release);
      release();
    },
  };
}
