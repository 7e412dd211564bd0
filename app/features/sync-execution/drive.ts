import { withTenant } from "@db/client";
import { updateOpenRun } from "@db/queries/sync-runs/runs";
import type { RunRef } from "@domain/refs";
import { withLogContext } from "~/platform/log-context";
import type { Durable, SyncDeps } from "~/platform/ports";

import { beginRun } from "./begin-run";
import { concludeRun } from "./conclude";
import { runStage, stagesOf } from "./stages";

/**
 * After this many steps a long walk continues in a new execution: far below Inngest's 1,000 steps a run, and an
 * execution of 100 steps of about 20 s ends well within its finish timeout.
 */
const MAX_STEPS_PER_EXECUTION = 100;

/**
 * It also continues in a new execution after waiting this long in total. With the longest single wait on top that is
 * within the finish timeout, so a rate limit never ends a run.
 */
const MAX_WAITED_MS_PER_EXECUTION = 60 * 60_000;

/**
 * How many provider faults are waited out for the time that the provider asks; further ones are retried like any other
 * error.
 */
const MAX_FAULT_WAITS = 3;

/** Executes a run from its current state, stage by stage, each in as many steps as needed. */
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
          // Waiting out a fault must not start a new execution, which would count from zero.
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

/** From here until a stage begins no worker is busy with the run, however many are queued ahead of it. */
async function waitItsTurn(deps: SyncDeps, { tenantId, runId }: RunRef): Promise<void> {
  await withTenant(deps.db, tenantId, (tx) =>
    updateOpenRun(tx, tenantId, runId, { waitingUntil: deps.clock() }),
  );
}
