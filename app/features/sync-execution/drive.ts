import { withTenant } from "@db/client";
import { updateOpenRun } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import { withLogContext } from "~/platform/log-context";
import type { Durable, SyncDeps } from "~/platform/ports";

import { beginRun } from "./begin-run";
import { concludeRun } from "./conclude";
import { runStage, stagesOf } from "./stages";

/**
 * The number of steps after which a long walk continues in a new execution. Far below Inngest's 1,000 steps per run,
 * and 100 steps of about 20 s end well within the execution's finish timeout.
 */
const MAX_STEPS_PER_EXECUTION = 100;

/**
 * Milliseconds of waiting in total after which a run also continues in a new execution. Together with the longest
 * single wait, that is within the finish timeout, so a rate limit never ends a run.
 */
const MAX_WAITED_MS_PER_EXECUTION = 60 * 60_000;

/**
 * The number of provider faults that are waited out for as long as the provider asks; further ones are retried like any
 * other error.
 */
const MAX_FAULT_WAITS = 3;

/**
 * Executes a run from its current state, stage by stage, each in as many steps as needed.
 * @returns whether the run has ended, or continues in a new execution
 */
export async function executeRun(
  deps: SyncDeps,
  durable: Durable,
  ref: RunRef,
  continuation = 0,
): Promise<{ state: "ended" | "handed_over" }> {
  const step = <T>(id: string, work: () => Promise<T>): Promise<T> =>
    durable.step(id, () => withLogContext({ runId: ref.runId, tenantId: ref.tenantId }, work));
  const begun = await step("begin", () => beginRun(deps, ref));
  if (begun.state === "ended") return { state: "ended" };
  const maxSteps = deps.stepsPerExecution ?? MAX_STEPS_PER_EXECUTION;
  let steps = 1;
  let waitedMs = 0;
  let faultWaits = 0;
  for (const stage of stagesOf[begun.type]) {
    for (let part = 0, isDone = false; !isDone; part++) {
      if (steps >= maxSteps || waitedMs >= MAX_WAITED_MS_PER_EXECUTION) {
        await step("wait-its-turn", () => waitItsTurn(deps, ref));
        await durable.handOver(continuation + 1);
        return { state: "handed_over" };
      }
      const maySleep = faultWaits < MAX_FAULT_WAITS;
      const outcome = await step(`${stage}-${part}`, () =>
        runStage(deps, ref, stage, { isLastTry: durable.isLastTry(), maySleep }),
      );
      steps++;
      switch (outcome.state) {
        case "done":
          isDone = true;
          break;
        case "more":
          break;
        case "wait":
          await durable.sleep(`${stage}-${part}-wait`, outcome.waitMs);
          // Waiting out a fault must not start a new execution, which would count the faults from zero.
          if (outcome.isFault) faultWaits++;
          else waitedMs += outcome.waitMs;
          steps++;
          break;
        case "ended":
          return { state: "ended" };
      }
    }
  }
  await step("conclude", () => concludeRun(deps, ref));
  return { state: "ended" };
}

/**
 * Marks the run as waiting: until a stage begins no worker is busy with it, however many runs are queued ahead of it.
 */
async function waitItsTurn(deps: SyncDeps, { tenantId, runId }: RunRef): Promise<void> {
  await withTenant(deps.db, tenantId, (tx) =>
    updateOpenRun(tx, tenantId, runId, { waitingUntil: deps.clock() }),
  );
}
