import type { Steps } from "~/sync/webhook/follow-hint";

interface InngestSteps {
  run(id: string, work: () => Promise<unknown>): Promise<unknown>;
  sleep(id: string, ms: number): Promise<void>;
}

/** Inngest's steps in the form that the use cases take. */
export const stepsOf = (step: InngestSteps): Steps => ({
  step: (id, work) => step.run(id, work) as never,
  sleep: (id, ms) => step.sleep(id, ms),
});
