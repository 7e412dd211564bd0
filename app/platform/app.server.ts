import type { DatabaseConnection, Db } from "@db/client";

import type { Config } from "./env.server";
import type { withLogContext } from "./log-context";
import type { Logger } from "./logger.server";
import type { Metrics } from "./metrics.server";
import type { Exchange } from "./outgoing/exchange";
import type { TokenStore } from "./outgoing/oauth-tokens";
import type { Post } from "./outgoing/post";
import type { ConnectDeps, Jobs, NotifyDeps } from "./ports";

/** Everything that routes, command line and tests work with. */
export interface App {
  config: Config;
  /** For pages: each statement has a time limit, because a person waits. Use cases have `sync.db`. */
  db: Db;
  connection: DatabaseConnection;
  log: Logger;
  clock: () => Date;
  /** The dependencies of the features' use cases. */
  sync: ConnectDeps;
  /** The dependencies of notifications. */
  notify: NotifyDeps;
  /** Posts to addresses outside the installation. */
  post: Post;
  /** The dependencies of ticket systems. */
  tickets: { exchange: Exchange; tokens: TokenStore };
  jobs: Jobs;
  metrics: Metrics;
  /** The keys that sign cookies of one purpose: the first one signs, all are accepted. */
  cookieKeys: (purpose: string) => string[];
  /** Headers that the web server adds to every answer that lacks them. */
  baseHeaders: Record<string, string>;
  /** Adds these fields to every line that is logged during the work. */
  withLogContext: typeof withLogContext;
  /** Has syncs stop after the page that they are writing. Call it before awaiting the running requests. */
  windDown(): void;
  close(): Promise<void>;
}

/**
 * One app a process. Kept on the global object, because a rebuilt bundle (development) is a second copy of this module.
 */
const holder = globalThis as { plumblineApp?: Promise<App> };

/**
 * The app of this process.
 * @throws Error if the app was not booted
 */
export async function getApp(): Promise<App> {
  if (holder.plumblineApp === undefined) throw new Error("The app of this process was not booted.");
  return holder.plumblineApp;
}

/** Sets the app that routes use: at boot, in the demo, in a test. */
export function setApp(app: App | Promise<App>): void {
  holder.plumblineApp = Promise.resolve(app);
}
