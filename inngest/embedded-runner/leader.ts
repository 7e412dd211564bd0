import { setTimeout as sleep } from "node:timers/promises";

import type { Db } from "@db/client";
import { moveRunsBack } from "@db/queries/runner/clock-rollback";
import { prune } from "@db/queries/runner/housekeeping";
import { LeaseLostError, type Lease } from "@db/queries/runner/lease";
import { RunGoneError, type DueCandidate, type RunnerRun } from "@db/queries/runner/runs";

import { ClockWatch } from "./clock-rollback";
import { concurrencyNeeds, driveRun } from "./drive";
import type { Catalogue } from "./plan";
import { RunStore } from "./run-store";
import { RunnerSchedule } from "./schedule";
import { Slots, type Need } from "./slots";
import type { Handler, RunnerLog } from "./types";

export interface LeaderOptions {
  db: Db;
  handler: Handler;
  catalogue: Catalogue;
  log: RunnerLog;
  now: () => Date;
  token: string;
  lease: Lease;
  leaseMs: number;
  pollMs: number;
  maxConcurrentRuns: number;
  retryDelayMs: (failedAttempts: number) => number;
  stats: { requests: number; steps: number; runs: number; looks: number };
}

const PRUNE_EVERY_MS = 600_000;

/** Milliseconds before a run whose database failed is claimed again. */
const COOL_DOWN_MS = 5_000;

/** The process that holds the lease: finds due runs and drives them. */
export class Leader {
  private readonly store: RunStore;
  private readonly requests = new Slots();
  private readonly runSlots = new Slots();
  /** The claimed runs, by id. */
  private readonly drives = new Map<string, Promise<void>>();
  private wakeUp: () => void = () => {};
  private isNudged = false;
  private isLeaving = false;
  private isLost = false;

  constructor(private readonly options: LeaderOptions) {
    this.store = new RunStore(options.db, options.catalogue, options.token);
  }

  get active(): number {
    return this.drives.size;
  }

  /** Looks for due runs at once. */
  nudge(): void {
    this.isNudged = true;
    this.wakeUp();
  }

  /**
   * Works until the signal.
   * @throws LeaseLostError, or what the database threw
   */
  async work(signal: AbortSignal): Promise<void> {
    const { options } = this;
    const schedule = await RunnerSchedule.load(options.db, options.catalogue, options.token, options.now());
    const clock = new ClockWatch(schedule.lastFiredAt ?? options.now());
    const renewal = setInterval(() => void this.renew(), options.leaseMs / 3);
    const stop = () => this.wakeUp();
    signal.addEventListener("abort", stop);
    let prunedAt = -Infinity;
    try {
      while (!signal.aborted) {
        if (this.isLost) throw new LeaseLostError();
        this.isNudged = false;
        const now = options.now();
        const backMs = clock.putBackMs(now);
        if (backMs > 0) await this.followClockBack(schedule, now, backMs);
        await schedule.fire(now);
        await this.takeUpDue();
        options.stats.looks += 1;
        if (performance.now() - prunedAt > PRUNE_EVERY_MS) {
          prunedAt = performance.now();
          await prune(options.db, options.now());
        }
        if (!signal.aborted) await this.rest();
      }
    } finally {
      clearInterval(renewal);
      signal.removeEventListener("abort", stop);
    }
  }

  private async followClockBack(schedule: RunnerSchedule, now: Date, backMs: number): Promise<void> {
    const { db, token, log } = this.options;
    log.warn(
      { seconds: Math.round(backMs / 1000) },
      "the clock was put back: what waits is moved back with it",
    );
    await moveRunsBack(db, token, backMs);
    await schedule.putBack(now);
  }

  /** Waits for the requests in flight, at most so long, and frees the lease. */
  async leave(withinMs: number): Promise<void> {
    this.isLeaving = true;
    const patience = new AbortController();
    await Promise.race([
      Promise.all(this.drives.values()),
      sleep(withinMs, undefined, { signal: patience.signal }).catch(() => {}),
    ]);
    patience.abort();
    await this.options.lease.release(this.options.token);
  }

  private async renew(): Promise<void> {
    try {
      if (await this.options.lease.renew(this.options.token)) return;
      this.lose();
    } catch (error) {
      // The lease itself decides: it is lost when another process takes it, not when the database is away.
      this.options.log.warn({ err: error }, "the runner's lease could not be renewed; tried again soon");
    }
  }

  private lose(): void {
    this.isLost = true;
    this.isLeaving = true;
    this.wakeUp();
  }

  /** Until the next poll, or a nudge. */
  private async rest(): Promise<void> {
    if (this.isNudged || this.isLost) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, this.options.pollMs);
      this.wakeUp = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.wakeUp = () => {};
  }

  /** Takes up due runs until there is no room or no more of them. */
  private async takeUpDue(): Promise<void> {
    const { options, store } = this;
    while (!this.isLeaving) {
      const room = options.maxConcurrentRuns - this.drives.size;
      if (room <= 0) return;
      const now = options.now();
      const saturated = this.runSlots.saturated();
      // More than there is room for: some may share a concurrency key of which one is admitted.
      const due = await store.due(now, [...this.drives.keys()], saturated, room * 4);
      if (due.length === 0) return;
      const expired = due.filter((candidate) => candidate.startExpired).map((candidate) => candidate.id);
      await store.cancel(expired, "The run did not start within its start timeout.", now);
      const admitted = this.admit(
        due.filter((candidate) => !candidate.startExpired),
        room,
      );
      const runs = await store.claim([...admitted.keys()], now).catch((error: unknown) => {
        for (const release of admitted.values()) release();
        throw error;
      });
      for (const [candidate, release] of admitted) {
        const run = runs.find((taken) => taken.id === candidate.id);
        if (run === undefined) release();
        else this.drive(run, release);
      }
      if (expired.length === 0 && runs.length === 0) return;
    }
  }

  private admit(candidates: readonly DueCandidate[], room: number): Map<DueCandidate, () => void> {
    const admitted = new Map<DueCandidate, () => void>();
    for (const candidate of candidates) {
      if (admitted.size === room) break;
      const release = this.runSlots.tryAcquire(this.needsOf(candidate));
      if (release !== undefined) admitted.set(candidate, release);
    }
    return admitted;
  }

  private needsOf({ functionId, concurrencyKeys }: DueCandidate): Need[] {
    const spec = this.options.catalogue.specs.get(functionId);
    return spec === undefined ? [] : concurrencyNeeds(spec, concurrencyKeys);
  }

  private drive(run: RunnerRun, release: () => void): void {
    const { options } = this;
    options.stats.runs += 1;
    const drive = driveRun(
      {
        store: this.store,
        catalogue: options.catalogue,
        handler: options.handler,
        requests: this.requests,
        maxRequests: options.maxConcurrentRuns,
        retryDelayMs: options.retryDelayMs,
        now: options.now,
        log: options.log,
        stats: options.stats,
        isStopping: () => this.isLeaving,
      },
      run,
    )
      .catch(async (error: unknown) => {
        if (error instanceof LeaseLostError) return this.lose();
        if (error instanceof RunGoneError) return;
        options.log.error(
          { err: error, function: run.functionId, run: run.id },
          "a durable run was put aside",
        );
        await sleep(COOL_DOWN_MS, undefined, { ref: false });
      })
      .finally(() => {
        release();
        this.drives.delete(run.id);
        this.nudge();
      });
    this.drives.set(run.id, drive);
  }
}
