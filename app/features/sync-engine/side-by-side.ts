import type { WalkOutcome } from "./walk-from";

/** Carries out work one piece after the other, in the order of the calls. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Serialises the pages of walks that run side by side: their transactions lock the same run, and each that waited in
 * the database would hold a connection.
 */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}

/**
 * Runs walks at once. The first that fails, or that finds the run ended, halts the others: they commit the page that
 * they are writing and read no further.
 * @returns `complete` if all are; else what most restricts what may follow
 * @throws the first error, after all have ended
 */
export async function walkSideBySide(
  walks: readonly ((halt: AbortSignal) => Promise<WalkOutcome>)[],
): Promise<WalkOutcome> {
  const halt = new AbortController();
  const failures: unknown[] = [];
  const outcomes: WalkOutcome[] = [];
  await Promise.all(
    walks.map(async (walk) => {
      try {
        const outcome = await walk(halt.signal);
        outcomes.push(outcome);
        if (outcome.state === "stopped") halt.abort();
      } catch (error) {
        failures.push(error);
        halt.abort();
      }
    }),
  );
  if (failures.length > 0) throw failures[0];
  const of = (state: WalkOutcome["state"]) => outcomes.find((outcome) => outcome.state === state);
  return of("stopped") ?? of("more") ?? { state: "complete" };
}
