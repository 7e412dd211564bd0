import { isDatabaseLost } from "@db/errors";
import { backOffMs } from "@domain/exponential-wait";
import { isRmmError } from "~/connectors/rmm-error";

import type { Durable, SyncDeps } from "./ports";

type Steps = Pick<Durable, "step" | "sleep">;

/**
 * The most losses that an execution sleeps through: half an hour without a database. Further losses count as tries of
 * their step, so that a run whose own work brings the server down ends.
 */
const MAX_LOSSES = 60;

const backOff = { baseMs: 500, capMs: 30_000 };

/** What a step stores instead of its result. */
interface Lost {
  databaseLost: true;
}

const isLost = (result: unknown): result is Lost =>
  typeof result === "object" && result !== null && "databaseLost" in result;

/**
 * Steps that sleep and repeat their work if the database was lost. Returns a loss instead of throwing it, because an
 * engine counts every throw as one of the few tries of a step, however long a wait it asks for.
 */
export function outlastOutages({ step, sleep }: Steps, deps: Pick<SyncDeps, "noteOutage">): Steps {
  let losses = 0;
  return {
    sleep,
    async step<T>(id: string, work: () => Promise<T>): Promise<T> {
      for (let inARow = 0; ; inARow++) {
        const name = inARow === 0 ? id : `${id}-again-${inARow}`;
        const mayLose = losses < MAX_LOSSES;
        const result = await step<T | Lost>(name, () => (mayLose ? lossOf(deps, work) : work()));
        if (!isLost(result)) return result;
        losses++;
        await sleep(`${name}-without-database`, backOffMs(inARow + 1, backOff));
      }
    },
  };
}

async function lossOf<T>(
  { noteOutage }: Pick<SyncDeps, "noteOutage">,
  work: () => Promise<T>,
): Promise<T | Lost> {
  try {
    return await work();
  } catch (error) {
    if (isRmmError(error) || !isDatabaseLost(error)) throw error;
    noteOutage?.();
    return { databaseLost: true };
  }
}
