/** Who asks for work: a person of a company, or the company itself if no person waits for the result. */
export interface Owner {
  company: string;
  person: string | undefined;
}

/** How many places exist, and how many of them one owner may hold at once. */
export interface Limits {
  /** All places together. */
  total: number;
  /** The most places of one company. */
  ofCompany: number;
  /** The most places of one person. */
  ofPerson: number;
}

interface Waiting {
  owner: Owner;
  begin(): void;
}

/**
 * The caller stopped waiting before its work had a place. Carries the SQLSTATE of a statement that the server
 * cancelled.
 */
export class LeftBeforeTurnError extends Error {
  override readonly name = "LeftBeforeTurnError";
  readonly code = "57014";
}

/**
 * Shares a fixed number of places for database work fairly. A free place goes to the company that holds the fewest,
 * within that company to the person who holds the fewest, and otherwise to the request that came first. Somebody who
 * asks for a hundred things at once delays only themselves.
 */
export class FairPlaces {
  private readonly taken = new Map<string, number>();
  private waiting: Waiting[] = [];
  private total = 0;

  constructor(private readonly limits: Limits) {}

  /**
   * Does `work` as soon as a place is free, and returns the place when the work ends. Work that holds a place must not
   * ask for another: if every holder waited for a second place, none would ever become free.
   * @throws LeftBeforeTurnError if the signal aborts before a place is free, and whatever `work` throws
   */
  async hold<T>(owner: Owner, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.turnOf(owner, signal);
    try {
      return await work();
    } finally {
      this.count(owner, -1);
      this.beginNext();
    }
  }

  /** Counts the place as taken at the moment it is given, before its owner continues. */
  private turnOf(owner: Owner, signal: AbortSignal | undefined): Promise<void> {
    if (signal?.aborted === true) return Promise.reject(new LeftBeforeTurnError());
    return new Promise((resolve, reject) => {
      const entry: Waiting = {
        owner,
        begin: () => {
          signal?.removeEventListener("abort", leave);
          this.count(owner, 1);
          resolve();
        },
      };
      const leave = () => {
        this.waiting = this.waiting.filter((other) => other !== entry);
        reject(new LeftBeforeTurnError());
      };
      signal?.addEventListener("abort", leave, { once: true });
      this.waiting.push(entry);
      this.beginNext();
    });
  }

  /** Begins everything that may begin, so that nothing waits beside a free place. */
  private beginNext(): void {
    for (let next = this.next(); next !== undefined; next = this.next()) {
      this.waiting = this.waiting.filter((entry) => entry !== next);
      next.begin();
    }
  }

  private next(): Waiting | undefined {
    if (this.total >= this.limits.total) return undefined;
    let best: { entry: Waiting; ofCompany: number; ofPerson: number } | undefined;
    for (const entry of this.waiting) {
      const ofCompany = this.taken.get(entry.owner.company) ?? 0;
      const ofPerson = this.ofPerson(entry.owner);
      if (ofCompany >= this.limits.ofCompany || ofPerson >= this.limits.ofPerson) continue;
      const isBetter =
        best === undefined ||
        ofCompany < best.ofCompany ||
        (ofCompany === best.ofCompany && ofPerson < best.ofPerson);
      if (isBetter) best = { entry, ofCompany, ofPerson };
    }
    return best?.entry;
  }

  private ofPerson({ company, person }: Owner): number {
    return person === undefined ? 0 : (this.taken.get(keyOf(company, person)) ?? 0);
  }

  private count({ company, person }: Owner, by: 1 | -1): void {
    this.total += by;
    for (const key of person === undefined ? [company] : [company, keyOf(company, person)]) {
      const taken = (this.taken.get(key) ?? 0) + by;
      if (taken === 0) this.taken.delete(key);
      else this.taken.set(key, taken);
    }
  }
}

const keyOf = (company: string, person: string): string => `${company} ${person}`;

/**
 * The limits for a pool of `connections` connections. One connection stays free for statements outside transactions,
 * such as looking up a session. A company leaves places for others, and a person leaves most places to everybody else.
 */
export function limitsOf(connections: number): Limits {
  const total = Math.max(1, connections < 3 ? connections : connections - 1);
  return {
    total,
    ofCompany: total < 3 ? total : Math.max(2, Math.ceil((total * 2) / 3)),
    ofPerson: Math.max(1, Math.min(2, total - 1)),
  };
}
