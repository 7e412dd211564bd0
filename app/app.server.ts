import type { DatabaseConnection, Db } from "@db/client";

import { openDatabase } from "./db.server";
import { loadConfig, type Config } from "./env.server";
import { openProvider, tryKey, type CallOptions } from "./integrations/open-provider.server";
import { createJobs, type Jobs } from "./jobs.server";
import { createMetrics, type Metrics } from "./metrics.server";
import { createLogger, type Logger } from "./logger.server";
import { createVault, loadAppSecret } from "./secrets.server";
import type { ConnectDeps } from "./sync/connect";
import type { NotifyDeps } from "./sync/notify/deliver";
import { createMailer } from "./sync/notify/mailer";
import { createPost } from "./sync/outgoing/post";
import { withLogContext } from "./sync/log-context";
import { baseHeaders } from "./web/security-headers.server";

/** Everything the outside (routes, command line, tests) works with. */
export interface App {
  config: Config;
  db: Db;
  connection: DatabaseConnection;
  log: Logger;
  clock: () => Date;
  /** For the use cases in `app/sync`. */
  sync: ConnectDeps;
  /** For the use cases in `app/sync/notify`. */
  notify: NotifyDeps;
  jobs: Jobs;
  metrics: Metrics;
  /** What the web server gives every answer that does not say otherwise. */
  baseHeaders: Record<string, string>;
  /** Has every line logged during the work carry these fields. */
  withLogContext: typeof withLogContext;
  close(): Promise<void>;
}

export interface AppOverrides {
  connection?: DatabaseConnection;
  clock?: () => Date;
  log?: Logger;
  stepBudgetMs?: number;
  stepsPerExecution?: number;
  startedAt?: Date;
  /** How long the embedded runner's place stays taken after its process died. */
  leaseMs?: number;
  /** How long the embedded runner waits after so many failed tries of a step. */
  retryDelayMs?: (failedAttempts: number) => number;
  calls?: Omit<CallOptions, "fetch">;
}

/**
 * Opens the database, migrates it, and binds the use cases to it. Nothing runs by itself until `jobs.start()`.
 * @throws ConfigError, DatabaseUnavailableError, DataDirInUseError
 */
export async function createApp(config: Config, overrides: AppOverrides = {}): Promise<App> {
  const log = overrides.log ?? createLogger({ level: config.logLevel });
  const clock = overrides.clock ?? (() => new Date());
  const connection = overrides.connection ?? (await openDatabase(config));
  const vault = createVault(loadAppSecret(config));
  const { db } = connection;
  const metrics = createMetrics();
  const sync: ConnectDeps = {
    vault,
    tryKey: (apiKey) => tryKey(apiKey, config.levelApiBaseUrl),
    db,
    clock,
    log,
    transport: config.transport,
    openProvider: (integration, stats) =>
      openProvider(
        {
          db,
          vault,
          baseUrl: config.levelApiBaseUrl,
          ...overrides.calls,
          fetch: metrics.countedFetch(integration.provider),
        },
        integration,
        stats,
      ),
    meter: metrics.meter,
    nudge: () => jobs.nudge(),
    startedAt: overrides.startedAt ?? clock(),
    ...(overrides.stepBudgetMs === undefined ? {} : { stepBudgetMs: overrides.stepBudgetMs }),
    ...(overrides.stepsPerExecution === undefined ? {} : { stepsPerExecution: overrides.stepsPerExecution }),
  };
  const notify: NotifyDeps = {
    ...sync,
    mailer: config.mail === undefined ? null : createMailer(config.mail),
    publicUrl: config.publicUrl,
  };
  const jobs = createJobs(
    config,
    { ...sync, ...notify, post: createPost({ allowPrivate: config.allowPrivateWebhooks }) },
    {
      isOnlyProcess: connection.kind === "embedded",
      leaseMs: overrides.leaseMs,
      retryDelayMs: overrides.retryDelayMs,
    },
  );
  return {
    config,
    db,
    connection,
    log,
    clock,
    sync,
    notify,
    jobs,
    metrics,
    baseHeaders: baseHeaders({ https: config.secureCookies }),
    withLogContext,
    close: async () => {
      await jobs.stop();
      await connection.close();
    },
  };
}

/** One app a process. On the global object, because a rebuilt bundle (development) is a second copy of this module. */
const holder = globalThis as { plumblineApp?: Promise<App> };

/** The app of this process, bound to its environment. */
export function getApp(): Promise<App> {
  holder.plumblineApp ??= createApp(loadConfig(process.env));
  return holder.plumblineApp;
}

/** Makes an app that was opened elsewhere (the demo, a test) the one that routes use. */
export function setApp(app: App): void {
  holder.plumblineApp = Promise.resolve(app);
}
