import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import path from "node:path";

import { withTenant } from "@db/client";
import { getRun, type RunRow } from "@db/queries/sync-runs/runs";
import type { App } from "~/platform/app.server";
import { createApp } from "~/main.server";
import { createFirstAdministrator } from "~/features/people/first-run.server";
import { loadConfig } from "~/platform/env.server";
import { createLogger } from "~/platform/logger.server";
import { connect } from "~/features/connections/connect.server";
import { mapTopLevelGroups } from "~/features/mapping/mapping.server";
import { requestSync } from "~/features/sync-engine/request-sync";
import { runDirect } from "~/features/sync-execution/run-direct";

import { followRun } from "../../cli/follow-run";
import { administer, databaseUrl } from "../support/database-templates";

const ACTOR = { userId: null, name: "bench", ip: null };

export interface World {
  app: App;
  tenantId: string;
  connectionId: string;
  /** A full sync from start to end: in this process, or by the durable functions on the embedded runner. */
  fullSync(by: "direct" | "inngest"): Promise<{ run: RunRow; ms: number }>;
  close(): Promise<void>;
}

export interface WorldOptions {
  api: { url: string; apiKey: string };
  /** A server on which to make a database; the embedded database if absent. */
  postgresUrl?: string;
  /** A company in a database of that server, which is used and kept; otherwise a new one. */
  of?: { database: string; tenantId: string };
}

/** An installation, new unless one is given, with the account connected and its groups read and mapped. */
export async function createWorld({ api, postgresUrl, of }: WorldOptions): Promise<World> {
  const name = of?.database ?? `bench_${randomBytes(5).toString("hex")}`;
  const dataDir = path.resolve(".tmp", name);
  if (postgresUrl !== undefined && of === undefined)
    await administer(postgresUrl, (sql) => sql.unsafe(`create database ${name}`));
  const config = loadConfig({
    DATA_DIR: dataDir,
    LEVELIO_API_BASE_URL: api.url,
    APP_SECRET: randomBytes(32).toString("hex"),
    ...(postgresUrl === undefined ? {} : { DATABASE_URL: databaseUrl(postgresUrl, name) }),
  });
  const app = await createApp(config, { log: createLogger({ level: "error" }) });
  const tenantId = of?.tenantId ?? (await firstCompany(app));
  const connected = await connect(app.sync, {
    tenantId,
    provider: "levelio",
    label: "Level",
    apiKey: api.apiKey,
    actor: ACTOR,
  });
  if (connected.state !== "saved") throw new Error(`not connected: ${connected.state}`);
  const connectionId = connected.integration.id;
  const ref = { tenantId, connectionId };

  const sync = async (type: "organizations" | "full", by: "direct" | "inngest") => {
    if (by === "inngest") await app.jobs.start();
    const begunAt = performance.now();
    const request = { ...ref, type, trigger: "cli" as const, actor: "bench" };
    const outcome = await requestSync({ ...app.sync, transport: by }, request);
    if (outcome.state !== "queued") throw new Error(`not queued: ${outcome.state}`);
    if (by === "direct") await runDirect(app.sync, { tenantId, runId: outcome.run.id });
    else await followRun(app, outcome.run);
    const ms = performance.now() - begunAt;
    const run = await withTenant(app.db, tenantId, (tx) => getRun(tx, tenantId, outcome.run.id));
    if (run?.status !== "completed") throw new Error(`the sync ended ${run?.status}: ${run?.errorMessage}`);
    return { run, ms };
  };
  await sync("organizations", "direct");
  await mapTopLevelGroups(app.sync, ref, ACTOR);
  return {
    app,
    ...ref,
    fullSync: (by) => sync("full", by),
    close: async () => {
      await app.close();
      rmSync(dataDir, { recursive: true, force: true });
      if (postgresUrl !== undefined && of === undefined) {
        await administer(postgresUrl, (sql) => sql.unsafe(`drop database ${name} with (force)`));
      }
    },
  };
}

async function firstCompany(app: App): Promise<string> {
  const admin = await createFirstAdministrator(app, {
    company: "Bench",
    name: "Bench",
    email: "bench@example.com",
    password: randomBytes(16).toString("hex"),
  });
  return admin!.tenantId;
}
