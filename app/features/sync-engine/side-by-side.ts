import type { WalkOutcome } from "./walk-from";

/**
 * Runs walks in parallel. The first walk that fails, or that finds the run ended, halts the others: they commit the
 * page that they are writing and read no further.
 * @returns `stopped` if one of the walks was; otherwise `more` if one has more to read; otherwise `complete`
 * @throws the first error, after all walks have ended
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
