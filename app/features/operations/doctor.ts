import { withTenant } from "@db/client";
import { listIntegrations, listTenants } from "@db/queries/connections/connections";
import { listAllSecrets } from "@db/queries/connections/secrets";
import { listConnections, readServer } from "@db/queries/operations/operating";
import { scheduleStatusOf } from "@domain/schedule";
import { isRmmError } from "~/connectors/rmm-error";
import { noRequests } from "~/connectors/rmm-provider";
import type { ConnectDeps, ProviderRef, Mailer } from "~/platform/ports";

/** The result of one check, and what to do if it failed. */
export interface Finding {
  check: "settings" | "database" | "secrets" | "runner" | "schedules" | "level" | "clock" | "mail";
  state: "ok" | "warning" | "problem";
  message: string;
  hint?: string;
}

export interface DiagnoseOptions {
  /** Settings of the environment that are likely mistakes. */
  warnings: string[];
  databaseKind: "postgres" | "embedded";
  runner: "embedded" | "server";
  /** Whether a process executes the durable functions, or the Inngest server answers. */
  isAlive(): Promise<boolean>;
  /** The time of Level's clock; null if it does not send it. */
  levelTime(): Promise<Date | null>;
  /** Null if no mail server is configured. */
  mailer: Mailer | null;
  /** Milliseconds to wait for an account. Default 10 s, because a person waits; a sync waits longer. */
  levelTimeoutMs?: number;
}

const MIN_POSTGRES = 14;
const MAX_CLOCK_SKEW_MS = 5_000;

/** Checks everything a sync needs. Writes nothing. */
export async function diagnose(deps: ConnectDeps, options: DiagnoseOptions): Promise<Finding[]> {
  return [
    ...options.warnings.map((message): Finding => ({ check: "settings", state: "warning", message })),
    ...(await checkDatabase(deps, options)),
    await checkLevelTime(options),
    await checkSecrets(deps),
    await checkRunner(options),
    ...(await checkSchedules(deps)),
    ...(await checkLevel(deps, options)),
    await checkMail(options.mailer),
  ];
}

async function checkDatabase(deps: ConnectDeps, { databaseKind }: DiagnoseOptions): Promise<Finding[]> {
  const { version, nowMs } = await readServer(deps.db);
  const skewMs = Math.abs(nowMs - Date.now());
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
    clockFinding("the database", skewMs),
  ];
}

const clockFinding = (other: string, skewMs: number): Finding =>
  skewMs <= MAX_CLOCK_SKEW_MS
    ? { check: "clock", state: "ok", message: `this machine and ${other} agree` }
    : {
        check: "clock",
        state: "warning",
        message: `this machine and ${other} differ by ${Math.round(skewMs / 1000)} s`,
        hint: "Let this machine keep time (NTP): schedules and the order of events depend on it.",
      };

export async function checkLevelTime({ levelTime }: Pick<DiagnoseOptions, "levelTime">): Promise<Finding> {
  const at = await levelTime();
  if (at !== null) return clockFinding("Level", Math.abs(at.getTime() - Date.now()));
  return { check: "clock", state: "warning", message: "Level's clock could not be asked; see level below" };
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
      hint: "Set APP_SECRET=new,old and run `npm run cli -- secrets rotate`; or enter the keys again.",
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

export const NO_SERVER_HINT =
  "Start it, and check INNGEST_BASE_URL; without that, INNGEST_DEV and INNGEST_SIGNING_KEY the app executes syncs itself.";

async function checkRunner(options: Pick<DiagnoseOptions, "runner" | "isAlive">): Promise<Finding> {
  const check = "runner";
  const isAlive = await options.isAlive();
  if (options.runner === "server") {
    if (isAlive) return { check, state: "ok", message: "Inngest server: it answers" };
    return {
      check,
      state: "problem",
      message: "Inngest server: it does not answer, so no sync is executed.",
      hint: NO_SERVER_HINT,
    };
  }
  if (isAlive) return { check, state: "ok", message: "embedded runner: a process holds it" };
  return {
    check,
    state: "problem",
    message: "embedded runner: no process is executing syncs now.",
    hint: "Start the app with `npm start`; until then a sync started here runs here.",
  };
}

const kindWords = { full: "a full sync", alerts: "a comparison of alerts" } as const;

/** Checks whether the automatic jobs run. */
async function checkSchedules(deps: ConnectDeps): Promise<Finding[]> {
  const check = "schedules";
  const findings: Finding[] = [];
  let onTime = 0;
  const now = deps.clock();
  for (const connection of await listConnections(deps.db)) {
    const name = `${connection.tenant}: "${connection.label}"`;
    if (connection.status === "needs_attention") {
      findings.push({
        check,
        state: "problem",
        message:
          `${name}: nothing runs automatically, because its key was refused. ${connection.statusReason ?? ""}`.trim(),
        hint: "Enter a new key. If it works again, press Test connection on the connection's page, or start a full sync.",
      });
      continue;
    }
    for (const { kind, mode, isOverdue, lagMs, pausedReason } of scheduleStatusOf(connection, now)) {
      if (isOverdue) {
        findings.push({
          check,
          state: "problem",
          message: `${name}: ${kindWords[kind]} is ${Math.round(lagMs / 60_000)} minutes overdue.`,
          hint: "Nothing runs automatically: see runner above. With one that runs, look for rmm-scheduler in its log.",
        });
      } else if (mode === "paused") {
        findings.push({
          check,
          state: "warning",
          message: `${name}: ${kindWords[kind]} does not run automatically: ${pausedReason ?? "paused"}`,
          hint: "Press Resume on the connection's page.",
        });
      } else if (mode === "running") onTime++;
    }
  }
  if (findings.length > 0) return findings;
  return [{ check, state: "ok", message: onTime === 0 ? "none is running" : `${onTime}, all on time` }];
}

async function checkLevel(
  deps: ConnectDeps,
  { levelTimeoutMs = 10_000 }: Pick<DiagnoseOptions, "levelTimeoutMs">,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const tenant of await listTenants(deps.db)) {
    const integrations = await withTenant(deps.db, tenant.id, (tx) => listIntegrations(tx, tenant.id));
    for (const { id, provider, label, status } of integrations) {
      if (status === "disconnected") continue;
      const ref = { tenantId: tenant.id, connectionId: id, provider };
      const { message, ...rest } = await tryAccount(deps, ref, levelTimeoutMs);
      findings.push({ check: "level", ...rest, message: `${tenant.slug}: "${label}": ${message}` });
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

async function tryAccount(
  deps: ConnectDeps,
  ref: ProviderRef,
  timeoutMs: number,
): Promise<Omit<Finding, "check">> {
  const stats = noRequests();
  let timer: NodeJS.Timeout | undefined;
  const tooLong = new Promise<"late">((resolve) => {
    timer = setTimeout(resolve, timeoutMs, "late");
  });
  try {
    const rmm = await deps.openProvider(ref, stats);
    const outcome = await Promise.race([rmm.testConnection().then(() => "answered" as const), tooLong]);
    if (outcome === "answered") return { state: "ok", message: "answers" };
    // A call that waits for a rate limit shows that the account is busy, not that something is wrong.
    if (stats.rateLimitedMs > 0) return RATE_LIMITED;
    return {
      state: "problem",
      message: `no answer within ${timeoutMs / 1000} s.`,
      hint: "Check this machine's network, DNS and proxy, and Level's status page.",
    };
  } catch (error) {
    if (!isRmmError(error)) {
      return {
        state: "problem",
        message: "its key cannot be opened.",
        hint: "See secrets above; or enter the key again in the settings.",
      };
    }
    if (error.code === "rate_limited") return RATE_LIMITED;
    return { state: "problem", message: error.userMessage, hint: error.hint };
  } finally {
    clearTimeout(timer);
  }
}

const RATE_LIMITED = {
  state: "warning",
  message: "asks to slow down.",
  hint: "Syncs wait and continue automatically. Other tools that use the same Level account share its limit.",
} as const;

/** Checks the mail server: connects and signs in, without sending anything. */
export async function checkMail(mailer: Mailer | null): Promise<Finding> {
  if (mailer === null) {
    return {
      check: "mail",
      state: "warning",
      message: "no mail server is configured: no e-mail is sent when a connection fails",
      hint: "Set SMTP_URL and MAIL_FROM; then send a test under Settings, Notifications.",
    };
  }
  const outcome = await mailer.verify();
  switch (outcome.state) {
    case "sent":
      return { check: "mail", state: "ok", message: "the mail server answers and lets us in" };
    case "failed":
      return { check: "mail", state: "problem", message: outcome.reason, hint: outcome.hint };
  }
}
