/**
 * The app without its web side in a process of its own that a test may kill at any instant: opens the database that its
 * environment names, runs the embedded runner, requests a full sync unless one is open, and prints `ended <status>`
 * when it has ended.
 */
import { setTimeout as sleep } from "node:timers/promises";

import { withTenant } from "@db/client";
import { listIntegrations, listTenants } from "@db/queries/connections/connections";
import { listRecentRuns } from "@db/queries/sync-runs/runs";
import { createApp } from "~/main.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { requestSync } from "~/features/sync-engine/request-sync";

const app = await createApp(loadConfig(process.env), {
  log: createLogger({ level: "silent" }),
  leaseMs: 1_500,
});
/** Milliseconds, as in the server: a process that does not close within them is ended. */
const CLOSE_MS = 15_000;
process.once("SIGTERM", () => {
  setTimeout(() => process.exit(1), CLOSE_MS).unref();
  void app.close().then(() => process.exit(0));
});
await app.jobs.start();
const [tenant] = await listTenants(app.db);
const tenantId = tenant!.id;
const [integration] = await withTenant(app.db, tenantId, (tx) => listIntegrations(tx, tenantId));
const lastFull = async () =>
  (await withTenant(app.db, tenantId, (tx) => listRecentRuns(tx, tenantId, 20))).find(
    (run) => run.type === "full",
  );

// Nothing requests the sync again after a restart: the open one must continue on its own.
if ((await lastFull()) === undefined) {
  const request = { tenantId, connectionId: integration!.id, type: "full" as const };
  await requestSync(app.sync, { ...request, trigger: "manual", actor: "test" });
}
app.jobs.nudge();
process.stdout.write("started\n");
for (;;) {
  // While the database is away, the run's state is unknown.
  const run = await lastFull().catch(() => undefined);
  if (run !== undefined && run.status !== "queued" && run.status !== "running") {
    process.stdout.write(`ended ${run.status}\n`);
    break;
  }
  await sleep(50);
}
await app.close();
process.exit(0);
