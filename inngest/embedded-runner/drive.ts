import { setTimeout as sleep } from "node:timers/promises";

import { LeaseLostError } from "@db/queries/runner/lease";
import type { RunPlan } from "@db/queries/runner/run-plan";
import { isDone, RunGoneError, type RunnerRun, type Step } from "@db/queries/runner/runs";
import { backOffMs } from "@domain/exponential-wait";

import { waitEnds } from "./durations";
import type { FunctionSpec } from "./functions";
import { planInvocation, type Catalogue } from "./plan";
import { callFunction, toStoredError, type Op, type Reply } from "./protocol";
import type { RunStore } from "./run-store";
import type { Need, Slots } from "./slots";
import type { Handler, RunnerLog, StoredError } from "./types";

export interface DriveContext {
  store: RunStore;
  catalogue: Catalogue;
  handler: Handler;
  /** Bounds the requests in flight. */
  requests: Slots;
  maxRequests: number;
  retryDelayMs: (failedAttempts: number) => number;
  now: () => Date;
  log: RunnerLog;
  stats: { requests: number; steps: number };
  /** True once the runner stops: finish the current request, then leave the run to the next leader. */
  isStopping: () => boolean;
}

/**
 * Drives a run until it ends, sleeps, or waits for a retry or another run. Stores every result before continuing, so
 * that a crash repeats only the request in flight.
 * @throws LeaseLostError, RunGoneError, or what the database throws
 */
export async function driveRun(context: DriveContext, taken: RunnerRun): Promise<void> {
  const spec = context.catalogue.specs.get(taken.functionId);
  if (spec === undefined) {
    const message = `There is no function "${taken.functionId}" any more.`;
    return context.store.fail(taken, { name: "Error", message }, context.now());
  }
  let driver = new Driver(context, spec, taken);
  while (!context.isStopping()) {
    const outcome = await driver.advance();
    if (outcome === "ended" || outcome === "parked") return;
    if (outcome === "woken") driver = new Driver(context, spec, await context.store.reload(taken.id));
  }
}

type Outcome = "again" | "parked" | "woken" | "ended";

class Driver {
  constructor(
    private readonly context: DriveContext,
    private readonly spec: FunctionSpec,
    private readonly run: RunnerRun,
  ) {}

  /** Runs the due steps, or else asks the function for its next ones. */
  async advance(): Promise<Outcome> {
    const { run } = this;
    const now = this.context.now();
    if (run.expiresAt !== null && run.expiresAt <= now) {
      await this.context.store.cancel([run.id], "The run took longer than its finish timeout.", now);
      return "ended";
    }
    const pending = [...run.steps.values()].filter((step) => !isDone(step));
    const due = pending.filter((step) => step.dueAt !== null && step.dueAt <= now);
    if (due.length > 0) return this.runDueSteps(due);
    if (pending.length > 0) return this.park(pending.map((step) => step.dueAt));
    if (run.dueAt !== null && run.dueAt > now) return this.park([run.dueAt]);
    return this.discover();
  }

  /** Suspends the run until the first of the times, or its timeout. */
  private async park(instants: (Date | null)[]): Promise<Outcome> {
    const times = [...instants, this.run.expiresAt].filter((instant) => instant !== null).map(Number);
    const dueAt = times.length === 0 ? null : new Date(Math.min(...times));
    return (await this.persist(() => this.context.store.park(this.run, dueAt))) ? "parked" : "woken";
  }

  /** Runs parallel steps at once; the function continues when all have their results. */
  private async runDueSteps(due: readonly Step[]): Promise<Outcome> {
    const outcomes = await Promise.allSettled(due.map((step) => this.runDueStep(step)));
    const failure = outcomes.find((outcome) => outcome.status === "rejected");
    if (failure !== undefined) throw failure.reason;
    return outcomes.some((outcome) => outcome.status === "fulfilled" && outcome.value === "ended")
      ? "ended"
      : "again";
  }

  private async runDueStep(step: Step): Promise<Outcome> {
    if (step.state === "sleeping") return this.keep([{ ...step, state: "done", dueAt: null, result: null }]);
    if (step.state === "invoking") {
      const error = { name: "Error", message: `The invoked function "${step.name}" did not finish in time.` };
      return this.keep([{ ...step, state: "failed", dueAt: null, result: error }]);
    }
    const reply = await this.call(step);
    if (reply.kind === "ops" && reply.ops.length === 1) {
      const op = reply.ops[0]!;
      if (op.op === "StepRun") return this.keep([finished(step, op.data)]);
      if (op.op === "StepError" || op.op === "StepFailed") return this.stepThrew(step, op, reply);
    }
    const error = reply.kind === "threw" ? reply.error : unexpected(reply);
    const retryAt = this.retryAt(step.attempt, reply);
    if (retryAt === undefined) return this.fail(error);
    return this.keep([{ ...step, attempt: step.attempt + 1, dueAt: retryAt }]);
  }

  /** Runs the function to its end, or to the next steps without results. */
  private async discover(): Promise<Outcome> {
    const { run } = this;
    const reply = await this.call();
    if (reply.kind === "returned") return this.complete(reply.data);
    if (reply.kind === "threw") return this.functionThrew(reply.error, reply);
    const ended = reply.ops.find((op) => op.op === "RunComplete");
    if (ended !== undefined) return this.complete(ended.data);
    const [only] = reply.ops;
    if (reply.ops.length === 1 && (only!.op === "StepError" || only!.op === "StepFailed")) {
      const step = { ...pendingStep(only!, "planned", null), attempt: run.attempt };
      const retryAt = only!.op === "StepFailed" ? undefined : this.retryAt(run.attempt, reply);
      // The step is not stored; the request of the whole function is sent again.
      if (retryAt !== undefined) return this.retryLater(retryAt);
      return this.keep([failed(step, only!.error)]);
    }
    const steps: Step[] = [];
    const invoked: RunPlan[] = [];
    for (const op of reply.ops) {
      const next = this.read(op, invoked);
      if (next === undefined) return this.fail(unexpected(reply, op));
      steps.push(next);
    }
    if (steps.length === 0) return this.functionThrew(unexpected(reply), reply);
    return this.keep(steps, invoked);
  }

  /** The step that an operation requests. Undefined if it is not supported. */
  private read(op: Op, invoked: RunPlan[]): Step | undefined {
    const now = this.context.now();
    if (op.opts?.["parallelMode"] !== undefined) return undefined;
    switch (op.op) {
      case "StepRun":
        return finished(pendingStep(op, "planned", null), op.data);
      case "StepPlanned":
        return pendingStep(op, "planned", now);
      case "Sleep":
        return pendingStep(op, "sleeping", waitEnds(op.name ?? "", now));
      case "InvokeFunction":
        return this.invoke(op, invoked, now);
      default:
        return undefined;
    }
  }

  private invoke(op: Op, invoked: RunPlan[], now: Date): Step {
    const options = op.opts as { function_id: string; payload?: { data?: object }; timeout?: string };
    const step = pendingStep(op, "invoking", options.timeout ? waitEnds(options.timeout, now) : null);
    step.name = options.function_id;
    const spec = this.context.catalogue.specs.get(options.function_id);
    if (spec === undefined)
      return failed(step, { name: "Error", message: `There is no function "${options.function_id}".` });
    const data = { ...options.payload?.data };
    invoked.push(planInvocation(spec, data, { runId: this.run.id, stepId: op.id }, now));
    return step;
  }

  private async stepThrew(step: Step, op: Op, reply: Reply): Promise<Outcome> {
    const retryAt = op.op === "StepFailed" ? undefined : this.retryAt(step.attempt, reply);
    if (retryAt === undefined) return this.keep([failed(step, op.error)]);
    return this.keep([{ ...step, attempt: step.attempt + 1, dueAt: retryAt }]);
  }

  private async functionThrew(error: StoredError, reply: Reply): Promise<Outcome> {
    const retryAt = this.retryAt(this.run.attempt, reply);
    return retryAt === undefined ? this.fail(error) : this.retryLater(retryAt);
  }

  private retryLater(retryAt: Date): Promise<Outcome> {
    this.run.attempt += 1;
    this.run.dueAt = retryAt;
    return this.park([retryAt]);
  }

  /** When to retry after a failed attempt; undefined after the last one. */
  private retryAt(attempt: number, reply: Reply): Date | undefined {
    if (reply.kind === "returned" || !reply.mayRetry || attempt + 1 >= this.spec.maxAttempts)
      return undefined;
    return reply.retryAt ?? new Date(this.context.now().getTime() + this.context.retryDelayMs(attempt + 1));
  }

  private async call(step?: Step): Promise<Reply> {
    const { context, run, spec } = this;
    const release = await context.requests.acquire([
      { key: "*", limit: context.maxRequests },
      ...concurrencyNeeds(spec, run.concurrencyKeys),
    ]);
    try {
      // It waited for room and lost the lease meanwhile: the run stays due for the next leader.
      if (context.isStopping()) throw new RunGoneError();
      context.stats.requests += 1;
      return await callFunction(context.handler, {
        run,
        ...(step && { step }),
        maxAttempts: spec.maxAttempts,
        now: context.now,
      });
    } finally {
      release();
    }
  }

  /** Stores steps, then keeps them in memory. An invocation that a singleton prevented fails its step. */
  private async keep(steps: readonly Step[], invoked: readonly RunPlan[] = []): Promise<Outcome> {
    const { context, run } = this;
    const areAllDone = steps.every(isDone);
    const attempt = steps.some((step) => run.steps.has(step.id)) ? run.attempt : 0;
    const written = await this.persist(() =>
      context.store.save(run.id, attempt, steps, invoked, context.now()),
    );
    run.attempt = attempt;
    // A finished step moves to the end, because the map is in order of completion.
    for (const step of steps) {
      run.steps.delete(step.id);
      run.steps.set(step.id, step);
    }
    if (areAllDone) context.stats.steps += steps.length;
    const refused = invoked.filter((child) => !written.includes(child.id));
    if (refused.length === 0) return "again";
    const error = {
      name: "Error",
      message: "The invoked function was skipped: its singleton or idempotency key is taken.",
    };
    return this.keep(refused.map((child) => failed(run.steps.get(child.parent!.stepId)!, error)));
  }

  private async complete(result: unknown): Promise<Outcome> {
    await this.persist(() => this.context.store.complete(this.run.id, result, this.context.now()));
    return "ended";
  }

  private async fail(error: StoredError): Promise<Outcome> {
    const fields = { function: this.spec.id, run: this.run.id, error: error.message };
    this.context.log.warn(fields, "a durable function failed for good");
    await this.persist(() => this.context.store.fail(this.run, error, this.context.now()));
    return "ended";
  }

  /** An unstored result would be computed twice, so the database gets a few seconds to recover. */
  private async persist<T>(write: () => Promise<T>): Promise<T> {
    for (let failures = 1; ; failures++) {
      try {
        return await write();
      } catch (error) {
        if (error instanceof LeaseLostError || error instanceof RunGoneError || failures > 5) throw error;
        await sleep(backOffMs(failures, { baseMs: 200, capMs: 3_200 }));
      }
    }
  }
}

/** What a run uses of its function's concurrency limits. */
export function concurrencyNeeds(spec: FunctionSpec, keys: readonly string[]): Need[] {
  return spec.concurrency.flatMap(({ limit }, i) => (keys[i] === undefined ? [] : [{ key: keys[i], limit }]));
}

const pendingStep = (op: Op, state: Step["state"], dueAt: Date | null): Step => ({
  id: op.id,
  name: op.displayName ?? op.name ?? op.id,
  state,
  attempt: 0,
  dueAt,
  result: null,
});

const finished = (step: Step, data: unknown): Step => ({
  ...step,
  state: "done",
  dueAt: null,
  result: data ?? null,
});

const failed = (step: Step, error: unknown): Step => ({
  ...step,
  state: "failed",
  dueAt: null,
  result: toStoredError(error),
});

function unexpected(reply: Reply, op?: Op): StoredError {
  const what = op ?? (reply.kind === "ops" ? reply.ops[0] : undefined);
  const asked =
    what === undefined ? "nothing" : what.opts?.["parallelMode"] ? "a race of parallel steps" : what.op;
  return {
    name: "Error",
    message: `The function asked for ${asked}, which the embedded runner does not support.`,
  };
}
