// The embedded database: PGlite in a worker thread, so that the app's event loop stays free. The app speaks to it
// through a Unix socket in Postgres's own protocol, so that one driver serves both databases.
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

const { dataDir, snapshotFile, socketPath, clockShift } = workerData;

// PGlite reads the time from Date.now.
if (clockShift !== undefined) {
  const now = Date.now;
  Date.now = () => now() + clockShift[0];
}

/** Postgres's last message, because PGlite's error says that it does not start but not why. */
let lastWord;

/**
 * Reports a PANIC at once. Postgres would end its process after one; PGlite cannot, and runs in an endless loop. This
 * message still reaches the process that started the worker, which then terminates it.
 */
function onStderr(line) {
  const [, level, text] = /\b(PANIC|FATAL):\s+(.*)/.exec(line) ?? [];
  if (level === undefined) return;
  lastWord = text;
  if (level === "PANIC") fail(text);
}

const fail = (message, code) => parentPort.postMessage({ type: "failed", code, message });

/** The system's error codes by their WASI numbers, which PGlite's file system uses. */
const WASI_CODES = { 19: "EDQUOT", 51: "ENOSPC" };

try {
  await serve();
} catch (error) {
  // Some of what PGlite throws is no Error and cannot be posted as it is.
  const code = error?.name === "ErrnoError" ? WASI_CODES[error.errno] : error?.code;
  fail(
    lastWord ?? error?.message ?? code ?? "it does not start",
    typeof code === "string" ? code : undefined,
  );
}

async function serve() {
  const db = await PGlite.create({
    ...(dataDir ? { dataDir } : {}),
    ...(snapshotFile ? { loadDataDir: new Blob([readFileSync(snapshotFile)]) } : {}),
    onStderr,
  });
  const server = new PGLiteSocketServer({ db, path: socketPath, maxConnections: 4 });
  await server.start();

  parentPort.on("message", async (message) => {
    if (message === "dump") {
      const file = await db.dumpDataDir("none");
      parentPort.postMessage({ type: "dump", bytes: new Uint8Array(await file.arrayBuffer()) });
      return;
    }
    await server.stop();
    await db.close();
    parentPort.postMessage({ type: "closed" });
    parentPort.close();
  });
  parentPort.postMessage({ type: "ready" });
}
