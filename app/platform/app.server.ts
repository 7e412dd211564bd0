import type { DatabaseConnection, Db } from "@db/client";

import type { Config } from "./env.server";
import type { withLogContext } from "./log-context";
import type { Logger } from "./logger.server";
import type { Metrics } from "./metrics.server";
import type { Exchange } from "./outgoing/exchange";
import type { TokenStore } from "./outgoing/oauth-tokens";
import type { Post } from "./outgoing/post";
import type { ConnectDeps, Jobs, NotifyDeps } from "./ports";

/** Everything the outside (routes, command line, tests) works with. */
export interface App {
  config: Config;
  /** For pages. What a person waits for is bounded; use cases have `sync.db`. */
  db: Db;
  connection: DatabaseConnection;
  log: Logger;
  clock: () => Date;
  /** For the use cases of the features. */
  sync: ConnectDeps;
  /** For the notifications. */
  notify: NotifyDeps;
  /** Sends to addresses outside. */
  post: Post;
  /** For talking to ticket systems. */
  tickets: { exchange: Exchange; tokens: TokenStore };
  jobs: Jobs;
  metrics: Metrics;
  /** The keys that sign cookies of one purpose: the first signs, all are accepted. */
  cookieKeys: (purpose: string) => string[];
  /** Headers that the web server adds to every answer without its own. */
  baseHeaders: Record<string, string>;
  /** Has every line logged during the work carry these fields. */
  withLogContext: typeof withLogContext;
  /** Lets syncs stop after the page that they are writing; called before running requests are awaited. */
  windDown(): void;
  close(): Promise<void>;
}

/** One app a process. On the global object, because a rebuilt bundle (development) is a second copy of this module. */
const holder = globalThis as { plumblineApp?: Promise<App> };

/** The app of this process. @throws when it was not booted */
export async function getApp(): Promise<App> {
  if (holder.plumblineApp === undefined) throw new Error("The app of this process was not booted.");
  return holder.plumblineApp;
}

/** Makes an app the one that routes use: at boot, in the demo, in a test. */
export function setApp(app: App | Promise<App>): void {
  holder.plumblineApp = Promise.resolve(app);
}
