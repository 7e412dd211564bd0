import type { Db } from "@db/client";
import { endRuns } from "@db/queries/runner/end-runs";
import { enqueueRuns } from "@db/queries/runner/enqueue";
import { LeaseLostError } from "@db/queries/runner/lease";
import type { RunnerEvent, RunPlan } from "@db/queries/runner/run-plan";
import {
  claimRuns,
  getRunnerRun,
  listDue,
  listExisting,
  parkRun,
  RunGoneError,
  saveSteps,
  type DueCandidate,
  type RunnerRun,
  type Step,
} from "@db/queries/runner/runs";

import { enqueueEvents } from "./enqueue-events";
import { FUNCTION_FAILED } from "./functions";
import type { Catalogue } from "./plan";
import type { StoredError } from "./types";

/** What the holder of the lease reads and writes. Every write is fenced by the lease's token. */
export class RunStore {
  constructor(
    private readonly db: Db,
    private readonly catalogue: Catalogue,
    private readonly token: string,
  ) {}

  /** The runs that are due, oldest first, without those in `except` and those whose concurrency is used up. */
  due(
    now: Date,
    except: readonly string[],
    saturated: readonly string[],
    limit: number,
  ): Promise<DueCandidate[]> {
    return listDue(this.db, now, except, saturated, limit);
  }

  /** Takes up runs: those that start get their finish timeout. Returns them with their steps. */
  takeUp(candidates: readonly DueCandidate[], now: Date): Promise<RunnerRun[]> {
    const given = candidates.map(({ id, functionId }) => {
      const timeoutMs = this.catalogue.specs.get(functionId)?.finishTimeoutMs;
      return { id, expires_at: timeoutMs === undefined ? null : new Date(now.getTime() + timeoutMs) };
    });
    return claimRuns(this.db, this.token, given, now);
  }

  /** Reads a run again. @throws RunGoneError when it has ended */
  reload(id: string): Promise<RunnerRun> {
    return getRunnerRun(this.db, id);
  }

  /**
   * Writes steps and how often the next request has failed, and the runs that the steps invoke, in one transaction
   * (one statement where nothing is invoked). A step that has its result keeps it. Returns the ids of the new runs
   * that exist: a singleton may have kept one out.
   * @throws LeaseLostError, RunGoneError
   */
  async save(
    runId: string,
    attempt: number,
    steps: readonly Step[],
    invoked: readonly RunPlan[],
    now: Date,
  ): Promise<string[]> {
    if (invoked.length === 0) {
      await saveSteps(this.db, this.token, runId, attempt, steps);
      return [];
    }
    return this.db.transaction(async (tx) => {
      await saveSteps(tx, this.token, runId, attempt, steps);
      await enqueueRuns(tx, invoked, now);
      // Asked for and not taken from the insert: after a lost answer the same write is tried again.
      return listExisting(
        tx,
        invoked.map((run) => run.id),
      );
    });
  }

  /**
   * Lays a run down until `dueAt` (null: until it is woken). False when it ended, or when something was done to it
   * from outside since it was read.
   * @throws LeaseLostError
   */
  park(run: RunnerRun, dueAt: Date | null): Promise<boolean> {
    return parkRun(this.db, this.token, run, dueAt);
  }

  /** @throws LeaseLostError, RunGoneError */
  async complete(runId: string, result: unknown, now: Date): Promise<void> {
    check(await endRuns(this.db, { ids: [runId], status: "completed", result, now, token: this.token }));
  }

  /** Ends a run with an error and publishes that, in one transaction. @throws LeaseLostError, RunGoneError */
  async fail(
    run: Pick<RunnerRun, "id" | "functionId" | "event">,
    error: StoredError,
    now: Date,
  ): Promise<void> {
    const event: RunnerEvent = {
      id: `${FUNCTION_FAILED}:${run.id}`,
      name: FUNCTION_FAILED,
      data: { function_id: run.functionId, run_id: run.id, error, event: run.event, events: [run.event] },
      ts: now.getTime(),
    };
    await this.db.transaction(async (tx) => {
      check(await endRuns(tx, { ids: [run.id], status: "failed", result: error, now, token: this.token }));
      await enqueueEvents(tx, this.catalogue, [event], now);
    });
  }

  /** @throws LeaseLostError */
  async cancel(runIds: readonly string[], reason: string, now: Date): Promise<void> {
    const result: StoredError = { name: "Error", message: reason };
    const { held } = await endRuns(this.db, {
      ids: runIds,
      status: "cancelled",
      result,
      now,
      token: this.token,
    });
    if (!held) throw new LeaseLostError();
  }
}

function check({ held, ended }: { held: boolean; ended: string[] }): void {
  if (!held) throw new LeaseLostError();
  if (ended.length === 0) throw new RunGoneError();
}
