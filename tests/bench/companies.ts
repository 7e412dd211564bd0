import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { withTenant } from "@db/client";
import { insertTenant } from "@db/queries/people/users";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import { startSession } from "~/auth/session.server";
import { connect } from "~/features/connections/connect.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";
import { createApp } from "~/main.server";
import type { App } from "~/platform/app.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";

import { administer, databaseUrl } from "../support/database-templates";
import { createUser } from "../support/factories";
import { BENCH_SECRET, inngestEnvironment } from "./installation";

const ACTOR = { userId: null, name: "bench", ip: null };

export interface Company {
  tenantId: string;
  connectionId: string;
}

export interface Office {
  app: App;
  databaseUrl: string;
  close(): Promise<void>;
}

/**
 * A database and an app in this process, which seeds the database and requests syncs but executes none on its own.
 * @param keep name of a database that is made if missing, and kept for the next time
 */
export async function openOffice(options: {
  postgresUrl: string;
  levelUrl: string;
  inngest: string | undefined;
  keep?: string | undefined;
}): Promise<Office> {
  const { postgresUrl, levelUrl, inngest, keep } = options;
  const name = keep ?? `bench_${randomBytes(5).toString("hex")}`;
  await administer(postgresUrl, async (admin) => {
    const found = await admin`select from pg_database where datname = ${name}`;
    if (found.length === 0) await admin.unsafe(`create database ${name}`);
  });
  const url = databaseUrl(postgresUrl, name);
  const dataDir = path.resolve(".tmp", name);
  const config = loadConfig({
    DATA_DIR: dataDir,
    DATABASE_URL: url,
    APP_SECRET: BENCH_SECRET,
    LEVELIO_API_BASE_URL: levelUrl,
    ...inngestEnvironment(inngest),
  });
  const app = await createApp(config, { log: createLogger({ level: "error" }) });
  return {
    app,
    databaseUrl: url,
    close: async () => {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
      if (keep === undefined)
        await administer(postgresUrl, (admin) => admin.unsafe(`drop database ${name} with (force)`));
    },
  };
}

/** A tenant with a connection to the account of the key. */
export async function createCompany({ app }: Office, name: string, apiKey: string): Promise<Company> {
  const { id: tenantId } = await insertTenant(app.db, { slug: name, name });
  const provider = "levelio" as const;
  const connected = await connect(app.sync, { tenantId, provider, label: "Level", apiKey, actor: ACTOR });
  if (connected.state !== "saved") throw new Error(`not connected: ${connected.state}`);
  return { tenantId, connectionId: connected.integration.id };
}

/** Maps the account's groups to clients, as a person does before the first full sync. */
export async function mapCompany({ app }: Office, company: Company): Promise<void> {
  await syncHere(app, company, "organizations");
  await mapTopLevelGroups(app.sync, company, ACTOR);
}

/** Groups, clients and a first full sync, in this process. */
export async function readCompany(office: Office, company: Company): Promise<void> {
  await mapCompany(office, company);
  await syncHere(office.app, company, "full");
}

async function syncHere(app: App, company: Company, type: "organizations" | "full"): Promise<void> {
  const run = await askFor({ ...app.sync, transport: "direct" }, company, type);
  await runDirect(app.sync, { tenantId: company.tenantId, runId: run.id });
  await requireCompleted(app, company, run.id);
}

/** Requests a full sync that the installation's processes execute. */
export const askForSync = ({ app }: Office, company: Company): Promise<RunRow> =>
  askFor({ ...app.sync, transport: "inngest" }, company, "full");

async function askFor(deps: App["sync"], company: Company, type: "organizations" | "full"): Promise<RunRow> {
  const outcome = await requestSync(deps, { ...company, type, trigger: "cli", actor: "bench" });
  if (outcome.state !== "queued") throw new Error(`not queued: ${outcome.state}`);
  return outcome.run;
}

/**
 * Runs a full sync on the installation's processes.
 * @returns milliseconds from the request to its end
 */
export async function timeSync(office: Office, company: Company): Promise<number> {
  const { id, requestedAt } = await askForSync(office, company);
  for (;;) {
    const run = await readRun(office.app, company, id);
    if (run.endedAt !== null) {
      await requireCompleted(office.app, company, id);
      return run.endedAt.getTime() - requestedAt.getTime();
    }
    await sleep(100);
  }
}

export async function readRun(app: App, { tenantId }: Company, runId: string): Promise<RunRow> {
  return (await withTenant(app.sync.db, tenantId, (tx) => getRun(tx, tenantId, runId)))!;
}

async function requireCompleted(app: App, company: Company, runId: string): Promise<void> {
  const { status, errorMessage } = await readRun(app, company, runId);
  if (status !== "completed") throw new Error(`the sync ended ${status}: ${errorMessage}`);
}

/** The cookie of a signed-in person of the company. */
export async function signIn({ app }: Office, tenantId: string): Promise<string> {
  // A database that is kept has those of the last time.
  const email = `${randomBytes(8).toString("hex")}@example.com`;
  const person = await createUser(app.db, { tenantId, email });
  const session = await startSession(app, person, { ip: null, userAgent: null });
  return session.split(";")[0]!;
}
