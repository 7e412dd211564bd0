// The world of the browser tests: an app with many companies, each with an administrator and a Level account of its
// own. Once it serves, it prints one line with the folder in which tests claim their company. On SIGTERM it ends and
// removes its data.
import { spawn, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { constants, setPriority, tmpdir } from "node:os";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { openEmbedded } from "@db/embedded/open";
import { migrateToLatest } from "@db/migrate";
import { insertTenant, insertUser } from "@db/queries/people/users";
import { hashPassword } from "~/auth/password.server";

import { appEnvironment } from "./app-process";
import { COMPANIES, companyOf, type E2ePorts, PASSWORD } from "./e2e-companies";
import { startLevelAccounts } from "./level-accounts";

const ports = JSON.parse(process.env["E2E_PORTS"]!) as E2ePorts;
const folder = mkdtempSync(path.join(tmpdir(), "plumbline-e2e-"));
let app: ChildProcess | undefined;

process.on("exit", () => rmSync(folder, { recursive: true, force: true }));
process.on("SIGTERM", () => void end(0));

async function end(code: number): Promise<never> {
  if (app !== undefined && app.exitCode === null) {
    const ended = once(app, "exit");
    app.kill("SIGTERM");
    await ended;
  }
  process.exit(code);
}

/** Seeds before the app opens the folder: only one process at a time may open the embedded database. */
async function storeCompanies(dataDir: string): Promise<void> {
  const database = await openEmbedded({ dataDir });
  try {
    await migrateToLatest(database);
    const passwordHash = await hashPassword(PASSWORD);
    for (const { name, slug, admin } of Array.from({ length: COMPANIES }, (_, n) => companyOf(n))) {
      const tenant = await insertTenant(database.db, { slug, name });
      await insertUser(database.db, { tenantId: tenant.id, ...admin, role: "admin", passwordHash });
    }
  } finally {
    await database.close();
  }
}

/**
 * Chromium that runs as root, as in CI, gives itself six times the processor time of others, so that the app would
 * starve beside it. What this process starts has its priority.
 */
function runBesideChromium(): void {
  try {
    setPriority(constants.priority.PRIORITY_ABOVE_NORMAL);
  } catch {
    // Only root may, and only for root does Chromium.
  }
}

async function main(): Promise<void> {
  runBesideChromium();
  const [claims, dataDir] = ["claims", "data"].map((name) => path.join(folder, name)) as [string, string];
  for (const each of [claims, dataDir]) mkdirSync(each);
  await startLevelAccounts(ports.level);
  await storeCompanies(dataDir);
  const levelUrl = `http://127.0.0.1:${ports.level}`;
  const env = appEnvironment({ port: ports.app, dataDir, levelUrl });
  app = spawn(process.execPath, ["server.mjs"], { stdio: ["ignore", "inherit", "inherit"], env });
  while (!(await fetch(`http://localhost:${ports.app}/healthz`).catch(() => undefined))?.ok) {
    if (app.exitCode !== null) throw new Error("The app of the browser tests ended before it answered.");
    await sleep(200);
  }
  console.log(`The browser tests can begin; claims: ${claims}`);
}

main().catch(async (error: unknown) => {
  console.error(error);
  await end(1);
});
