/** Does work one piece after another, in the order of the calls. */
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
