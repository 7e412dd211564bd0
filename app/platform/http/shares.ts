/** Lets so much work of one kind be done at a time: what comes beyond it waits, first come, first served. */
export class Shares {
  private readonly lines = new Map<string, { working: number; waiting: (() => void)[] }>();

  constructor(private readonly atOnce: number) {}

  /**
   * Does the work once it is its turn among that of the same key. Take no share within a share of the same key: both
   * would wait.
   * @throws the signal's reason if it is aborted before, and what the work throws
   */
  async take<T>(key: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const line = this.lines.get(key) ?? { working: 0, waiting: [] };
    this.lines.set(key, line);
    if (line.working < this.atOnce) line.working++;
    else await turnIn(line.waiting, signal);
    try {
      return await work();
    } finally {
      // Whoever is next takes over the place.
      const next = line.waiting.shift();
      if (next !== undefined) next();
      else if (--line.working === 0) this.lines.delete(key);
    }
  }
}

function turnIn(waiting: (() => void)[], signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  return new Promise((resolve, reject) => {
    const turn = () => {
      signal.removeEventListener("abort", leave);
      resolve();
    };
    const leave = () => {
      waiting.splice(waiting.indexOf(turn), 1);
      reject(signal.reason as Error);
    };
    waiting.push(turn);
    signal.addEventListener("abort", leave, { once: true });
  });
}
