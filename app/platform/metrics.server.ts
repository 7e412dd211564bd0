import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

import type { Db } from "@db/client";
import {
  countOpenRuns,
  countRunnerQueue,
  listConnections,
  measureOutbox,
} from "@db/queries/operations/operating";
import { measurePromises } from "@db/queries/overview/freshness-promise";
import { scheduleStatusOf } from "@domain/schedule";

import { proxiedFetch } from "./outgoing/proxied-fetch";
import type { Meter } from "./ports";

export interface Metrics {
  meter: Meter;
  /** A `fetch` that counts the RMM's answers by status, 429 included. */
  countedFetch(provider: string): typeof fetch;
  /**
   * The metrics as Prometheus reads them. Counters are of this process since its start; gauges are of the whole
   * installation.
   */
  read(at: { db: Db; now: Date; isLeader: boolean | undefined }): Promise<string>;
  contentType: string;
}

/** In seconds: the first sync of a large account takes an hour; a quiet one of a small account less than a second. */
const DURATION_BUCKETS_S = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1800, 3600, 7200];

/** Creates the metrics of one process. */
export function createMetrics(): Metrics {
  const registers = [new Registry()];
  const [register] = registers as [Registry];
  collectDefaultMetrics({ register });
  const counter = <L extends string>(name: string, help: string, labelNames: L[]) =>
    new Counter({ name: `plumbline_${name}`, help, labelNames, registers });
  const gauge = <L extends string>(name: string, help: string, labelNames: L[] = []) =>
    new Gauge({ name: `plumbline_${name}`, help, labelNames, registers });

  const runs = counter("runs_ended_total", "Sync runs that ended", ["type", "trigger", "status"]);
  const duration = new Histogram({
    name: "plumbline_run_duration_seconds",
    help: "From the start of a sync run to its end",
    labelNames: ["type"],
    buckets: DURATION_BUCKETS_S,
    registers,
  });
  const pages = counter("pages_total", "Pages written by runs that ended", ["type"]);
  const retries = counter("retries_total", "Calls tried again in runs that ended", ["type"]);
  const rateLimited = counter("rate_limited_seconds_total", "Time lost to rate limits in ended runs", [
    "type",
  ]);
  const answers = counter("rmm_requests_total", "Calls to an RMM by status of the answer", [
    "provider",
    "status",
  ]);
  const webhooks = counter("webhook_deliveries_total", "Deliveries received, by outcome", ["outcome"]);
  const kickOffs = new Counter({
    name: "plumbline_webhook_kick_off_failures_total",
    help: "Times that what follows from deliveries could not be handed to the runner",
    registers,
  });
  const outgoing = counter("outgoing_webhook_attempts_total", "Attempts to deliver an event", ["outcome"]);
  const mails = counter("notification_attempts_total", "Attempts to send a notification", ["outcome"]);

  const open = gauge("runs_open", "Sync runs that have not ended", ["type", "status"]);
  const queue = gauge("runner_queue", "Executions of the embedded runner that have not ended", ["status"]);
  const holder = gauge("runner_holder", "1 where this process executes the durable functions");
  const outbox = gauge("outbox_events", "Events that wait to be relayed");
  const outboxAge = gauge("outbox_oldest_seconds", "How long the oldest of them has waited");
  const lag = gauge("schedule_lag_seconds", "How late a schedule is", ["integration", "kind"]);
  const failures = gauge("failures_in_a_row", "Runs of a schedule failed in a row", ["integration", "kind"]);
  const stopped = gauge("schedule_stopped", "1 where a schedule is paused or its key refused", [
    "integration",
    "kind",
  ]);
  const lastFull = gauge("last_full_sync_timestamp_seconds", "End of the last full sync", ["integration"]);
  const broken = gauge("freshness_broken", "1 where devices are not confirmed as promised", ["integration"]);
  const used = gauge("freshness_budget_used_ratio", "Used part of the misses that 30 days allow", [
    "integration",
  ]);
  const gauges = [open, queue, holder, outbox, outboxAge, lag, failures, stopped, lastFull, broken, used];

  const meter: Meter = {
    runEnded(run) {
      const { type } = run;
      runs.inc({ type, trigger: run.trigger, status: run.status });
      pages.inc({ type }, run.pages);
      retries.inc({ type }, run.retries);
      rateLimited.inc({ type }, run.rateLimitedMs / 1000);
      if (run.startedAt !== null && run.endedAt !== null) {
        duration.observe({ type }, Math.max(0, run.endedAt.getTime() - run.startedAt.getTime()) / 1000);
      }
    },
    webhookAnswered: (outcome) => webhooks.inc({ outcome }),
    kickOffFailed: () => kickOffs.inc(),
    outgoingAttempted: (outcome) => outgoing.inc({ outcome }),
    notificationAttempted: (outcome) => mails.inc({ outcome }),
  };

  return {
    meter,
    contentType: register.contentType,
    countedFetch: (provider) => async (input, init) => {
      try {
        const response = await proxiedFetch(input, init);
        answers.inc({ provider, status: String(response.status) });
        return response;
      } catch (error) {
        answers.inc({ provider, status: "none" });
        throw error;
      }
    },
    async read({ db, now, isLeader }) {
      const figures = {
        open: await countOpenRuns(db),
        queue: await countRunnerQueue(db),
        outbox: await measureOutbox(db, now),
        connections: await listConnections(db),
        promises: await measurePromises(db, now),
      };
      // Nothing is awaited from here until the text is made, so that two readers at once do not mix their values.
      for (const one of gauges) one.reset();
      for (const { type, status, runs: n } of figures.open) open.set({ type, status }, n);
      for (const { status, runs: n } of figures.queue) queue.set({ status }, n);
      holder.set(isLeader === true ? 1 : 0);
      outbox.set(figures.outbox.waiting);
      outboxAge.set(figures.outbox.oldestSeconds);
      for (const { connectionId: integration, isBroken, used: share } of figures.promises) {
        broken.set({ integration }, isBroken ? 1 : 0);
        if (share !== null) used.set({ integration }, share);
      }
      for (const connection of figures.connections) {
        const { id: integration, lastFullSyncAt } = connection;
        if (lastFullSyncAt !== null) lastFull.set({ integration }, lastFullSyncAt.getTime() / 1000);
        for (const { kind, mode, lagMs, failuresInARow } of scheduleStatusOf(connection, now)) {
          // A person switched the schedule off, so it is neither late nor stopped.
          if (mode === "off") continue;
          failures.set({ integration, kind }, failuresInARow);
          stopped.set({ integration, kind }, mode === "running" ? 0 : 1);
          // A stopped schedule is neither on time nor late.
          if (mode === "running") lag.set({ integration, kind }, lagMs / 1000);
        }
      }
      return register.metrics();
    },
  };
}
