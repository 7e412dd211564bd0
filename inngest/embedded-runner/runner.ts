import { setTimeout as sleep } from "node:timers/promises";

import type { InngestFunction } from "inngest";
import { v7 as uuidv7 } from "uuid";

import type { Db } from "@db/client";
import { createLease, LeaseLostError } from "@db/queries/runner/lease";
import type { RunnerEvent } from "@db/queries/runner/run-plan";
import { anyDue } from "@db/queries/runner/runs";

import { retryDelayMs } from "./durations";
import { enqueueEvents } from "./enqueue-events";
import { readFunctions } from "./functions";
import { Leader } from "./leader";
import { createCatalogue, type Catalogue } from "./plan";
import type { Handler, IncomingEvent, RunnerLog } from "./types";

export interface RunnerOptions {
  db: Db;
  /** The SDK's `serve()` handler. */
  handler: Handler;
  functions: readonly InngestFunction.Any[];
  /** The client's id, which prefixes the functions' ids. */
  appId: string;
  log: RunnerLog;
  now?: () => Date;
  /** Milliseconds between polls of the database: for due runs, and by a standby for the lease. */
  pollMs?: number;
  /** Milliseconds for which a dead leader keeps others waiting. It renews after each third of this. */
  leaseMs?: number;
  /** No other process can have the database open: a lease found at the start is that of a dead one. */
  isOnlyProcess?: boolean;
  /** Runs, and requests, that are executed at the same time. */
  maxConcurrentRuns?: number;
  /** Milliseconds to wait after this many failed attempts, if the function does not say. */
  retryDelayMs?: (failedAttempts: number) => number;
}

interface RunnerStats {
  isLeader: boolean;
  /** Runs that are being driven. */
  active: number;
  /** Since the process started: requests to functions, results of steps, claimed runs, polls for due work. */
  requests: number;
  steps: number;
  runs: number;
  looks: number;
}

export interface EmbeddedRunner {
  /**
   * Begins to execute runs, or to wait for the leader's place.
   * @throws UnsupportedFunctionError when a function asks for what the runner does not do
   */
  start(): Promise<void>;
  /** Lets requests in flight finish (a few seconds at most) and gives the lease away. */
  stop(): Promise<void>;
  /** Accepts events, in any process: writes the runs they cause, in one transaction. */
  accept(events: readonly IncomingEvent[]): Promise<{ ids: string[] }>;
  /** Whether this process executes the runs. */
  isLeader(): boolean;
  /** Whether any process does. */
  isHeld(): Promise<boolean>;
  /** Resolves when no run is due, here or in the leader's process. */
  idle(): Promise<void>;
  stats(): RunnerStats;
}

/** Milliseconds that a stop waits for requests in flight; their steps run again elsewhere if it is not enough. */
const STOP_MS = 5_000;

/** Milliseconds that the runner rests after a failure of the database. */
const AFTER_FAULT_MS = 2_000;

/** Creates the embedded runner of this process. It executes runs after `start`; `accept` works before, too. */
export function createEmbeddedRunner(options: RunnerOptions): EmbeddedRunner {
  const { db, log, pollMs = 500, leaseMs = 15_000 } = options;
  const now = options.now ?? (() => new Date());
  const lease = createLease(db, leaseMs);
  const stats = { requests: 0, steps: 0, runs: 0, looks: 0 };
  let catalogue: Promise<Catalogue> | undefined;
  let leader: Leader | undefined;
  let loop: Promise<void> | undefined;
  const stopping = new AbortController();

  const readCatalogue = () => {
    catalogue ??= readFunctions(options.handler, options.functions, options.appId).then(createCatalogue);
    return catalogue;
  };

  async function tryHold(byForce = false): Promise<void> {
    const token = await lease.tryAcquire({ byForce });
    if (token === undefined) return;
    log.debug({}, "this process executes the durable functions");
    leader = new Leader({
      db,
      handler: options.handler,
      catalogue: await readCatalogue(),
      log,
      now,
      token,
      lease,
      leaseMs,
      pollMs,
      maxConcurrentRuns: options.maxConcurrentRuns ?? 8,
      retryDelayMs: options.retryDelayMs ?? retryDelayMs,
      stats,
    });
  }

  /** Standby, leader, standby …, until the stop. */
  async function live(): Promise<void> {
    while (!stopping.signal.aborted) {
      let restMs = pollMs;
      try {
        if (leader === undefined) await tryHold();
        await leader?.work(stopping.signal);
      } catch (error) {
        if (error instanceof LeaseLostError) {
          leader = undefined;
          log.warn({}, "another process executes the durable functions now");
        } else {
          restMs = AFTER_FAULT_MS;
          log.error({ err: error }, "the runner of durable functions failed; it tries again");
        }
      }
      await sleep(restMs, undefined, { signal: stopping.signal }).catch(() => {});
    }
  }

  return {
    async start() {
      await readCatalogue();
      if (loop !== undefined) return;
      await tryHold(options.isOnlyProcess);
      loop = live();
    },
    async stop() {
      stopping.abort();
      await loop;
      await leader?.leave(STOP_MS);
      leader = undefined;
    },
    async accept(incoming) {
      const at = now();
      const events = incoming.map((event) => complete(event, at));
      const known = await readCatalogue();
      if (events.some((event) => known.eventNames.has(event.name))) {
        await db.transaction((tx) => enqueueEvents(tx, known, events, at));
        leader?.nudge();
      }
      return { ids: events.map((event) => event.id) };
    },
    isLeader: () => leader !== undefined,
    isHeld: () => lease.isHeld(),
    async idle() {
      while (await anyDue(db, now())) {
        leader?.nudge();
        await sleep(20);
      }
    },
    stats: () => ({ isLeader: leader !== undefined, active: leader?.active ?? 0, ...stats }),
  };
}

function complete(event: IncomingEvent, now: Date): RunnerEvent {
  return {
    ...event,
    id: event.id === undefined || event.id === "" ? uuidv7() : event.id,
    data: event.data ?? {},
    ts: event.ts ?? now.getTime(),
  };
}
