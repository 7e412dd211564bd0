import type { Steps } from "~/features/webhooks/run-refresh";
import { outlastOutages } from "~/platform/outlast-outages";
import type { SyncDeps } from "~/platform/ports";

interface InngestSteps {
  run(id: string, work: () => Promise<unknown>): Promise<unknown>;
  sleep(id: string, ms: number): Promise<void>;
}

/** Inngest's steps in the form that the use cases take; they outlast a database that goes away. */
export const stepsOf = (deps: Pick<SyncDeps, "noteOutage">, step: InngestSteps): Steps =>
  outlastOutages(
    {
      step: (id, work) => step.run(id, work) as never,
      sleep: (id, ms) => step.sleep(id, ms),
    },
    deps,
  );

/**
 * Runs steps one after the other, each whatever became of those before it.
 * @throws the first fault, when all had their turn
 */
export async function eachInTurn<Result>(
  step: InngestSteps,
  work: Record<string, () => Promise<Result>>,
): Promise<Record<string, Result>> {
  const done: Record<string, Result> = {};
  const faults: unknown[] = [];
  for (const [name, carryOut] of Object.entries(work)) {
    try {
      done[name] = (await step.run(name, carryOut)) as Result;
    } catch (error) {
      faults.push(error);
    }
  }
  if (faults.length > 0) throw faults[0];
  return done;
}

/** The data of an event whose connection goes by the name that published payloads keep, in the names of the use cases. */
export const requestOf = <Data extends { integrationId: string }>({ integrationId, ...data }: Data) => ({
  ...data,
  connectionId: integrationId,
});
