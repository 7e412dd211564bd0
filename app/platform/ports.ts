import type { Db } from "@db/client";
import type { RunRow } from "@db/queries/sync-runs/runs";
import type { ConnectionRef } from "@domain/refs";
import type { Retention } from "@domain/retention";
import type { RequestStats, RmmProvider } from "~/connectors/rmm-provider";

import type { Vault } from "./vault";

/** The dependencies of the use cases, which know neither Remix nor Inngest. */
export interface SyncDeps {
  db: Db;
  clock: () => Date;
  log: Log;
  transport: "inngest" | "direct";
  /**
   * Whether the tenant may use the provider now.
   * @param db the database, or the tenant's transaction
   */
  hasProvider(db: Db, tenantId: string, provider: string): Promise<boolean>;
  /**
   * Opens the RMM of a connection with its stored key.
   * @throws RmmError if there is no key
   */
  openProvider(integration: ProviderRef, stats: RequestStats): Promise<RmmProvider>;
  /** Has the outbox relayed soon. Call it after a commit that wrote events. Never throws, never waits. */
  nudge(): void;
  /** The most requests that a connection may have in flight, from 1 to 8. Default 4. */
  requestsInFlight?: number;
  /** The number of requests that a connection has in flight now, in this process. */
  inFlightOf?: (connectionId: string) => number;
  /** The most syncs at a time over all tenants. Undefined: as many as the Inngest server allows. */
  syncsAtOnce?: number;
  /** Days for which changes of assets are kept. Default 400. */
  assetHistoryDays?: number;
  /** Days for which finished data is kept. */
  retention?: Retention;
  /**
   * When this process started, or last lost its database. The reaper closes no run before its process had a chance to
   * continue it.
   */
  startedAt: Date;
  /** Call at each loss of the database; moves `startedAt`. */
  noteOutage?: () => void;
  /** Milliseconds that one durable step works at most before it hands back. Default 20 s. */
  stepBudgetMs?: number;
  /** Aborted when this process is about to end: a durable step then hands back after the page that it is writing. */
  stopping?: AbortSignal;
  /** The number of steps after which a walk hands over to a new execution. Default 100. */
  stepsPerExecution?: number;
  /** Counts events for the metrics. */
  meter?: Meter;
}

/** No method throws or waits. */
export interface Meter {
  runEnded(run: RunRow): void;
  webhookAnswered(outcome: string): void;
  /** The consequences of deliveries could not be passed to the runner; the relay's next round tries again. */
  kickOffFailed(): void;
  outgoingAttempted(outcome: "delivered" | "retried" | "dead"): void;
  notificationAttempted(outcome: "sent" | "retried" | "dead"): void;
}

/** A connection and its provider. */
export interface ProviderRef extends ConnectionRef {
  provider: string;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How a run is executed: in Inngest's steps, or in the calling process. */
export interface Durable {
  /**
   * Runs `work` and remembers its result under `id`. If `work` throws, it is tried again, a limited number of times.
   */
  step<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** Within a step: whether this is the last try of its work. */
  isLastTry(): boolean;
  sleep(id: string, ms: number): Promise<void>;
  /** Continues in a new execution, which again has all its steps. */
  handOver(continuation: number): Promise<void>;
}

export interface ConnectDeps extends SyncDeps {
  /** Opens the RMM with a key that is not stored yet. */
  tryKey(apiKey: string): RmmProvider;
  vault: Vault;
}

/** The mail server that the installation sends through. */
export interface MailAccount {
  host: string;
  port: number;
  /** TLS from the first byte (`smtps://`); otherwise STARTTLS, if the server offers it. */
  isTls: boolean;
  auth: { user: string; password: string } | undefined;
  /** An e-mail address, or a name with one: `Plumbline <plumbline@example.com>`. */
  from: string;
}

export interface Mail {
  /** The same at each repetition of a mail, so that mail programs show only one of two copies. */
  id: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** The id of the mail that this one answers, so that mail programs and helpdesks put both into one thread. */
  answers?: string;
  /** An address at which the recipient unsubscribes with one click (RFC 8058). */
  unsubscribe?: string;
}

export type MailOutcome =
  /** `refused`: the recipients that the server did not accept. */
  | { state: "sent"; refused: string[] }
  /** `isUnsent`: the server certainly did not accept the mail. */
  | { state: "failed"; reason: string; hint: string; isUnsent?: boolean };

/** Neither method throws. */
export interface Mailer {
  send(mail: Mail): Promise<MailOutcome>;
  /** Connects and signs in, without sending anything. */
  verify(): Promise<MailOutcome>;
}

export type NotifyDeps = Pick<SyncDeps, "db" | "clock" | "log" | "meter" | "nudge"> & {
  /** Null if no mail server is configured. */
  mailer: Mailer | null;
  /** The beginning of links; no slash at the end. */
  publicUrl: string;
  /** The keys that sign links for people who are not signed in; the first one signs, all are accepted. */
  linkKeys: readonly string[];
};

/** The result of an action, shown once. */
export interface Flash {
  id: string;
  kind: "success" | "error" | "info";
  text: string;
}

/** The durable side of the app: functions, their runner, and the relay of the outbox. */
export interface Jobs {
  /** Answers the requests of an Inngest server; for its route. */
  handler: (args: { request: Request }) => Promise<Response>;
  /** Has the outbox relayed and due deliveries sent soon; never throws, never waits. */
  nudge(): void;
  /** Starts executing functions if this process has the embedded runner. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Relays the outbox now and waits for it. */
  relay(): Promise<number>;
  /** Whether this process executes the functions with the embedded runner; undefined with an Inngest server. */
  isLeader(): boolean | undefined;
  /** Whether anything executes the functions: a process with the embedded runner, or the Inngest server. */
  isAlive(): Promise<boolean>;
  /** Resolves when the embedded runner has no due work. */
  idle(): Promise<void>;
}
