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

/** The leader's access to runs. Every write is fenced by the lease's token. */
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

  /** Claims runs; those that start get their finish timeout. Returns them with their steps. */
  claim(candidates: readonly DueCandidate[], now: Date): Promise<RunnerRun[]> {
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
   * Writes steps, how often the next request has failed, and the runs that the steps invoke, in one transaction (one
   * statement if nothing is invoked). A finished step keeps its result. Returns the ids of the invoked runs that exist;
   * a singleton may prevent one.
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
      // Queried, not taken from the insert, because the same write is repeated after a lost answer.
      return listExisting(
        tx,
        invoked.map((run) => run.id),
      );
    });
  }

  /**
   * Suspends a run until `dueAt` (null: until it is woken). False if it ended, or was changed since it was read.
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
