import {
  createEmbeddedRunner,
  createFunctions,
  createHandler,
  createInngestClient,
  createRunnerFetch,
  APP_ID,
} from "@inngest/index";

import { startDueAutomations } from "./features/alert-rules/start-automations.server";
import { deliverOutgoing, type OutgoingDeps } from "./features/event-subscriptions/deliver";
import { deliverNotifications } from "./features/notifications/deliver";
import { deliverTickets } from "./features/tickets/deliver-tickets";
import type { TicketDeps } from "./features/tickets/open-adapter";
import { createServerCheck } from "./jobs-health.server";
import type { Config } from "./platform/env.server";
import { relayEvents } from "./platform/outbox/relay";
import { wakeSenders } from "./platform/outbox/wake-senders";
import type { Jobs, NotifyDeps, SyncDeps } from "./platform/ports";

export type JobDeps = SyncDeps & OutgoingDeps & NotifyDeps & TicketDeps;

/**
 * Places of the embedded runner that syncs never take: they are left to relay, reaper, schedules, refresh requests and
 * senders.
 */
const PLACES_BESIDE_SYNCS = 3;
const MIN_PLACES = 8;

export interface JobOptions {
  /** Only this process can open the database, so it need not wait until the lease of a dead process expires. */
  isOnlyProcess?: boolean;
  leaseMs?: number | undefined;
  retryDelayMs?: ((failedAttempts: number) => number) | undefined;
}

export function createJobs(config: Pick<Config, "inngest">, deps: JobDeps, options: JobOptions = {}): Jobs {
  const { db, clock, log, meter } = deps;
  const send = async (events: { name: string; data: Record<string, unknown> }[]) => {
    await client.send(events as Parameters<typeof client.send>[0]);
  };
  const relayOnce = onlyOnceAtATime(async () => {
    const relayed = await relayEvents({ db, clock, log, meter, send });
    await wakeSenders({ db, clock, log, send });
    return relayed;
  });
  const isEmbedded = config.inngest.mode === "embedded";
  const client = createInngestClient({
    logger: log,
    ...(isEmbedded && { embeddedFetch: createRunnerFetch((events) => runner!.accept(events)) }),
  });
  const functions = createFunctions(client, deps, relayOnce, {
    outgoing: () => deliverOutgoing(deps),
    notifications: () => deliverNotifications(deps),
    tickets: () => deliverTickets(deps),
    automations: () => startDueAutomations(deps),
  });
  const serveOrigin = config.inngest.mode === "server" ? config.inngest.serveOrigin : undefined;
  const handler = createHandler(client, functions, serveOrigin);
  const runner = isEmbedded
    ? createEmbeddedRunner({
        db,
        handler: (request) => handler({ request }),
        functions,
        appId: APP_ID,
        log,
        isOnlyProcess: options.isOnlyProcess ?? false,
        maxConcurrentRuns: Math.max(MIN_PLACES, (deps.syncsAtOnce ?? 0) + PLACES_BESIDE_SYNCS),
        ...(options.leaseMs === undefined ? {} : { leaseMs: options.leaseMs }),
        ...(options.retryDelayMs === undefined ? {} : { retryDelayMs: options.retryDelayMs }),
      })
    : undefined;
  let isStopped = false;
  let relaying = Promise.resolve();
  const isAlive =
    config.inngest.mode === "server" ? createServerCheck(config.inngest.url) : () => runner!.isHeld();
  return {
    handler,
    relay: relayOnce,
    nudge: atMostEvery(NUDGE_MS, () => {
      if (isStopped) return;
      relaying = relayOnce().then(
        () => {},
        (error: unknown) => log.warn({ error: String(error) }, "relay failed; tried again soon"),
      );
    }),
    start: async () => {
      isStopped = false;
      await runner?.start();
    },
    // The caller closes the database next, so nothing may still use it. Events that are not relayed stay in the outbox.
    stop: async () => {
      isStopped = true;
      await runner?.stop();
      await relaying;
    },
    isLeader: () => runner?.isLeader(),
    isAlive,
    idle: async () => {
      await relayOnce();
      await runner?.idle();
    },
  };
}

/**
 * Milliseconds between two relays. A sync commits a page every few milliseconds, and its events go out together; the
 * events of a single request go out at once.
 */
const NUDGE_MS = 500;

/** The first call acts at once; calls within the next `ms` milliseconds act together at their end. */
function atMostEvery(ms: number, act: () => void): () => void {
  let lastAt = -Infinity;
  let pending: NodeJS.Timeout | undefined;
  const now = () => {
    pending = undefined;
    lastAt = performance.now();
    act();
  };
  return () => {
    if (pending !== undefined) return;
    const waitMs = lastAt + ms - performance.now();
    if (waitMs <= 0) now();
    else pending = setTimeout(now, waitMs).unref();
  };
}

/** Calls during a relay share the next one, so that no event committed meanwhile is missed. */
function onlyOnceAtATime<T>(work: () => Promise<T>): () => Promise<T> {
  let current: Promise<T> | undefined;
  let following: Promise<T> | undefined;
  const begin = (): Promise<T> => {
    current = work().finally(() => {
      current = undefined;
    });
    return current;
  };
  return () => {
    if (current === undefined) return begin();
    following ??= current
      .catch(() => {})
      .then(() => {
        following = undefined;
        return begin();
      });
    return following;
  };
}
