/** Runs pieces of work one after another, in the order of the calls. */
export type InTurn = <T>(work: () => Promise<T>) => Promise<T>;

/**
 * Serialises the pages of parallel walks. Their transactions lock the same run, and each one that waits in the database
 * would occupy a connection.
 */
export function createTurns(): InTurn {
  let last: Promise<unknown> = Promise.resolve();
  return (work) => {
    const turn = last.then(work);
    last = turn.catch(() => {});
    return turn;
  };
}
