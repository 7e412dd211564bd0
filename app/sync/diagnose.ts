import { sql } from "drizzle-orm";

import { queryRows, withTenant } from "@db/client";
import { listIntegrations, listTenants } from "@db/queries/integrations";
import { listAllSecrets } from "@db/queries/secrets";
import { isRmmError } from "~/integrations/rmm-error";

import type { ConnectDeps } from "./connect";

/** One thing that was looked at, and what to do when it is not well. */
export interface Finding {
  check: "database" | "secrets" | "runner" | "level" | "clock";
  state: "ok" | "warning" | "problem";
  message: string;
  hint?: string;
}

export interface DiagnoseOptions {
  databaseKind: "postgres" | "embedded";
  runner: "embedded" | "server";
  /** Whether some process executes the durable functions; undefined where that cannot be known. */
  runnerAlive(): Promise<boolean | undefined>;
}

const MIN_POSTGRES = 14;
const MAX_CLOCK_SKEW_MS = 5_000;

/** Looks at everything a sync needs. Writes nothing. */
export async function diagnose(deps: ConnectDeps, options: DiagnoseOptions): Promise<Finding[]> {
  return [
    ...(await checkDatabase(deps, options)),
    await checkSecrets(deps),
    await checkRunner(options),
    ...(await checkLevel(deps)),
  ];
}

async function checkDatabase(deps: ConnectDeps, { databaseKind }: DiagnoseOptions): Promise<Finding[]> {
  const [row] = await queryRows<{ version: number; nowMs: number }>(
    deps.db,
    sql`select current_setting('server_version_num')::int / 10000 as version,
          (extract(epoch from clock_timestamp()) * 1000)::float8 as "nowMs"`,
  );
  const version = row?.version ?? 0;
  const skewMs = Math.abs((row?.nowMs ?? 0) - Date.now());
  const name = databaseKind === "embedded" ? "embedded database" : "Postgres";
  return [
    version >= MIN_POSTGRES
      ? { check: "database", state: "ok", message: `${name}, version ${version}, migrated` }
      : {
          check: "database",
          state: "problem",
          message: `Postgres ${version} is too old.`,
          hint: `Use Postgres ${MIN_POSTGRES} or newer.`,
        },
    skewMs <= MAX_CLOCK_SKEW_MS
      ? { check: "clock", state: "ok", message: "this machine and the database agree" }
      : {
          check: "clock",
          state: "warning",
          message: `this machine and the database differ by ${Math.round(skewMs / 1000)} s`,
          hint: "Let both keep time (NTP): schedules and the order of events depend on it.",
        },
  ];
}

async function checkSecrets(deps: ConnectDeps): Promise<Finding> {
  const secrets = await listAllSecrets(deps.db);
  let unreadable = 0;
  for (const { id: _, keyId, sealed, ...owner } of secrets) {
    try {
      deps.vault.open({ keyId, sealed }, owner);
    } catch {
      unreadable++;
    }
  }
  if (unreadable > 0) {
    return {
      check: "secrets",
      state: "problem",
      message: `${unreadable} of ${secrets.length} stored secrets cannot be opened with this APP_SECRET.`,
      hint: "Set APP_SECRET=new,old and run `npm run cli -- secrets rotate`; or enter the keys anew.",
    };
  }
  const old = secrets.filter((secret) => secret.keyId !== deps.vault.keyId).length;
  if (old > 0) {
    return {
      check: "secrets",
      state: "warning",
      message: `${old} of ${secrets.length} stored secrets are sealed with a former key.`,
      hint: "Run `npm run cli -- secrets rotate`.",
    };
  }
  return { check: "secrets", state: "ok", message: `${secrets.length} stored, all can be opened` };
}

async function checkRunner(options: DiagnoseOptions): Promise<Finding> {
  const alive = await options.runnerAlive();
  const name = options.runner === "embedded" ? "embedded runner" : "Inngest server";
  switch (alive) {
    case undefined:
      return { check: "runner", state: "ok", message: `${name}: asked when it is needed` };
    case true:
      return { check: "runner", state: "ok", message: `${name}: a process holds it` };
    case false:
      return {
        check: "runner",
        state: "warning",
        message: `${name}: no process is executing syncs now.`,
        hint: "Start the app with `npm start`; until then a sync started here runs here.",
      };
  }
}

async function checkLevel(deps: ConnectDeps): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const tenant of await listTenants(deps.db)) {
    const integrations = await withTenant(deps.db, tenant.id, (tx) => listIntegrations(tx, tenant.id));
    for (const { id, provider, label, status } of integrations) {
      if (status === "disconnected") continue;
      const stats = { requests: 0, retries: 0, rateLimitedMs: 0 };
      try {
        const rmm = await deps.openProvider({ tenantId: tenant.id, integrationId: id, provider }, stats);
        await rmm.testConnection();
        findings.push({ check: "level", state: "ok", message: `${tenant.slug}: "${label}" answers` });
      } catch (error) {
        const known = isRmmError(error)
          ? { message: error.userMessage, hint: error.hint }
          : { message: String(error) };
        findings.push({
          check: "level",
          state: "problem",
          ...known,
          message: `${tenant.slug}: "${label}": ${known.message}`,
        });
      }
    }
  }
  if (findings.length > 0) return findings;
  return [
    {
      check: "level",
      state: "warning",
      message: "no account is connected",
      hint: "Connect one in the settings, or: npm run cli -- connect --api-key <key>",
    },
  ];
}
