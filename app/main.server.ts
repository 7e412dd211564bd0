import type { DatabaseConnection } from "@db/client";
import { readFlagOverrides } from "@db/queries/operations/feature-flags";

import { featuresOf, isAvailable } from "./connectors/availability";
import { isProviderKey, providerRegistry } from "./connectors/registry";
import { createRequestSlots } from "./connectors/request-slots";
import { openProvider, tryKey, type CallOptions } from "./features/connections/open-provider.server";
import { createMailer } from "./features/notifications/mailer";
import { ensureFirstRun } from "./features/people/first-run.server";
import { createTokenStore } from "./platform/outgoing/oauth-tokens";
import { createJobs } from "./jobs.server";
import { setApp, type App } from "./platform/app.server";
import { openDatabase } from "./platform/database.server";
import { loadConfig, type Config } from "./platform/env.server";
import { baseHeaders } from "./platform/http/security-headers.server";
import { withLogContext } from "./platform/log-context";
import { createLogger, type Logger } from "./platform/logger.server";
import { createMetrics } from "./platform/metrics.server";
import { createExchange } from "./platform/outgoing/exchange";
import { createPost } from "./platform/outgoing/post";
import type { ConnectDeps, NotifyDeps } from "./platform/ports";
import { cookieKeys, createVault, loadAppSecret } from "./platform/vault.server";

export interface AppOverrides {
  connection?: DatabaseConnection;
  clock?: () => Date;
  log?: Logger;
  stepBudgetMs?: number;
  stepsPerExecution?: number;
  startedAt?: Date;
  /** Milliseconds that the embedded runner's lease lasts after its process died. */
  leaseMs?: number;
  /** Milliseconds that the embedded runner waits after this many failed tries of a step. */
  retryDelayMs?: (failedAttempts: number) => number;
  calls?: Omit<CallOptions, "fetch">;
}

/**
 * Opens the database, migrates it, and binds the use cases to it. Nothing runs automatically until `jobs.start()`.
 * @throws ConfigError, DatabaseUnavailableError, DataDirInUseError
 */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const log = overrides.log ?? createLogger({ level: config.logLevel });
  const clock = overrides.clock ?? (() => new Date());
  const connection = overrides.connection ?? (await openDatabase(config, log));
  const appSecret = loadAppSecret(config);
  const vault = createVault(appSecret);
  const { db } = connection;
  void connection.failed?.then((error) => endProcess(log, error));
  const metrics = createMetrics();
  const slotsOf = createRequestSlots(config.requestsInFlight);
  const startedAt = new Date(overrides.startedAt ?? clock());
  const stopping = new AbortController();
  const sync: ConnectDeps = {
    vault,
    tryKey: (apiKey) => tryKey(apiKey, config.levelApiBaseUrl),
    db,
    clock,
    log,
    transport: config.transport,
    hasProvider: async (reader, tenantId, provider) =>
      isProviderKey(provider) &&
      isAvailable(providerRegistry[provider], featuresOf(config, await readFlagOverrides(reader, tenantId))),
    openProvider: (integration, stats) =>
      openProvider(
        {
          db,
          vault,
          baseUrl: config.levelApiBaseUrl,
          ...overrides.calls,
          fetch: metrics.countedFetch(integration.provider),
          slots: slotsOf(integration.connectionId),
        },
        integration,
        stats,
      ),
    meter: metrics.meter,
    nudge: () => jobs.nudge(),
    assetHistoryDays: config.assetHistoryDays,
    retention: config.retention,
    requestsInFlight: config.requestsInFlight,
    inFlightOf: (connectionId) => slotsOf(connectionId).inFlight,
    ...(config.syncsAtOnce === undefined ? {} : { syncsAtOnce: config.syncsAtOnce }),
    startedAt,
    noteOutage: () => void startedAt.setTime(clock().getTime()),
    stopping: stopping.signal,
    ...(overrides.stepBudgetMs === undefined ? {} : { stepBudgetMs: overrides.stepBudgetMs }),
    ...(overrides.stepsPerExecution === undefined ? {} : { stepsPerExecution: overrides.stepsPerExecution }),
  };
  const notify: NotifyDeps = {
    ...sync,
    mailer: config.mail === undefined ? null : createMailer(config.mail),
    publicUrl: config.publicUrl,
    linkKeys: cookieKeys(appSecret, "link"),
  };
  const outgoing = { allowPrivate: config.allowPrivateWebhooks };
  const post = createPost(outgoing);
  const tickets = { exchange: createExchange(outgoing), tokens: createTokenStore(clock) };
  const jobs = createJobs(
    config,
    { ...sync, ...notify, ...tickets, post },
    {
      isOnlyProcess: connection.kind === "embedded",
      leaseMs: overrides.leaseMs,
      retryDelayMs: overrides.retryDelayMs,
    },
  );
  return {
    config,
    db: connection.pages ?? db,
    connection,
    log,
    clock,
    sync,
    notify,
    post,
    tickets,
    jobs,
    metrics,
    cookieKeys: (purpose) => cookieKeys(appSecret, purpose),
    baseHeaders: baseHeaders({ https: config.secureCookies }),
    withLogContext,
    windDown: () => stopping.abort(),
    close: async () => {
      stopping.abort();
      await jobs.stop();
      await connection.close();
    },
  };
}

/** Ends the process, so that its supervisor restarts it: without its database the app can answer nothing. */
function endProcess(log: Logger, error: unknown): never {
  const explained = error as { userMessage?: string; hint?: string };
  const reason = [explained.userMessage, explained.hint].filter(Boolean).join(" ");
  log.fatal({ err: error }, reason || "The embedded database has ended; the process ends with it");
  process.exit(1);
}

/**
 * Starts the app of this process: database, migrations, first run, runner.
 * @returns the app, and the one-time link to set it up if it has no people yet
 */
export async function boot(): Promise<App & { setupUrl: string | null }> {
  const app = await createApp(loadConfig(process.env));
  setApp(app);
  for (const warning of app.config.warnings) app.log.warn({}, warning);
  const firstRun = await ensureFirstRun(app);
  await app.jobs.start();
  app.jobs.nudge();
  return { ...app, setupUrl: firstRun?.setupUrl ?? null };
}
