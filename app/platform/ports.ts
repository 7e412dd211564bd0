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
  /** Whether the tenant may use the provider now. @param db the tenant's transaction will do */
  hasProvider(db: Db, tenantId: string, provider: string): Promise<boolean>;
  /** Opens the RMM of an integration with its stored key. @throws RmmError when there is no key */
  openProvider(integration: ProviderRef, stats: RequestStats): Promise<RmmProvider>;
  /** Events were committed to the outbox: have them relayed soon. Never throws, never waits. */
  nudge(): void;
  /** How many requests a connection may have in flight, from 1 to 8. Default 4. */
  requestsInFlight?: number;
  /** How many of them a connection has in flight now, in this process. */
  inFlightOf?: (connectionId: string) => number;
  /** How many syncs run at a time over all tenants. Undefined: what the Inngest server allows. */
  syncsAtOnce?: number;
  /** How many days changes of assets are kept. Default 400. */
  assetHistoryDays?: number;
  /** How long what is over and done with is kept. */
  retention?: Retention;
  /**
   * When this process started, or last lost its database: no run is closed as dead before its process had a chance to
   * continue it.
   */
  startedAt: Date;
  /** Called at each loss of the database; moves `startedAt`. */
  noteOutage?: () => void;
  /** How long one durable step works at most before it hands back. Default 20 s. */
  stepBudgetMs?: number;
  /** Aborted when this process is about to end: a durable step hands back after the page that it writes. */
  stopping?: AbortSignal;
  /** After how many steps a walk hands over to a fresh execution. Default 100. */
  stepsPerExecution?: number;
  /** Counts what happens, for whoever watches the process. */
  meter?: Meter;
}

/** Never throws, never waits. */
export interface Meter {
  runEnded(run: RunRow): void;
  webhookAnswered(outcome: string): void;
  /** What follows from deliveries could not be handed to the runner; the relay's next round tries again. */
  kickOffFailed(): void;
  outgoingAttempted(outcome: "delivered" | "retried" | "dead"): void;
  notificationAttempted(outcome: "sent" | "retried" | "dead"): void;
}

/** A connection, and which RMM it leads to. */
export interface ProviderRef extends ConnectionRef {
  provider: string;
}

export interface Log {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** How a run is executed: by Inngest's steps, or in the calling process. */
export interface Durable {
  /** Runs `work` and remembers its result under `id`; work that throws is tried again, a bounded number of times. */
  step<T>(id: string, work: () => Promise<T>): Promise<T>;
  /** Asked within a step: whether this is the last try of its work. */
  isLastTry(): boolean;
  sleep(id: string, ms: number): Promise<void>;
  /** Continues in a new execution, which has its full budget of steps. */
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
  /** An address, or a name with one: `Plumbline <plumbline@example.com>`. */
  from: string;
}

export interface Mail {
  /** The same at each repetition, so that mail programs show only one of two copies. */
  id: string;
  to: string[];
  subject: string;
  text: string;
  html: string;
  /** The id of the mail that this one answers: mail programs and helpdesks put both into one thread. */
  answers?: string;
  /** An address at which its reader unsubscribes with one click (RFC 8058). */
  unsubscribe?: string;
}

export type MailOutcome =
  /** `refused`: the recipients that the server did not accept. */
  | { state: "sent"; refused: string[] }
  /** `isUnsent`: it is certain that the server did not take it. */
  | { state: "failed"; reason: string; hint: string; isUnsent?: boolean };

/** Neither throws. */
export interface Mailer {
  send(mail: Mail): Promise<MailOutcome>;
  /** Connects and signs in, and sends nothing. */
  verify(): Promise<MailOutcome>;
}

export type NotifyDeps = Pick<SyncDeps, "db" | "clock" | "log" | "meter" | "nudge"> & {
  /** Null where no mail server is set up. */
  mailer: Mailer | null;
  /** For the links; no slash at the end. */
  publicUrl: string;
  /** Sign links that need no sign-in; the first signs, all are accepted. */
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
  /** For the route that an Inngest server calls. */
  handler: (args: { request: Request }) => Promise<Response>;
  /** Has the outbox relayed and what is due sent, soon; never throws, never waits. */
  nudge(): void;
  /** Starts executing functions, where the embedded runner does. */
  start(): Promise<void>;
  stop(): Promise<void>;
  /** Relays the outbox now and waits for it. */
  relay(): Promise<number>;
  /** Whether this process executes the functions, with the embedded runner; undefined with an Inngest server. */
  isLeader(): boolean | undefined;
  /**
   * Whether the functions are executed: by any process with the embedded runner, or otherwise by the Inngest server.
   */
  isAlive(): Promise<boolean>;
  /** Resolves when the embedded runner has nothing due. */
  idle(): Promise<void>;
}
