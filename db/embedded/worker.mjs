// The embedded database: PGlite in a worker thread, so that the app's event loop stays free, spoken to through a
// Unix socket in Postgres' own protocol, so that the app has one driver for both databases.
import { readFileSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";

import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";

const { dataDir, snapshotFile, socketPath } = workerData;

const db = await PGlite.create({
  ...(dataDir ? { dataDir } : {}),
  ...(snapshotFile ? { loadDataDir: new Blob([readFileSync(snapshotFile)]) } : {}),
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
