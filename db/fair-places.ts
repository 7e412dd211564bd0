/** Who works: a person of a company, or, where no person waits for it, the company itself. */
export interface Owner {
  company: string;
  person: string | undefined;
}

export interface Limits {
  /** Places in all. */
  total: number;
  /** How many of them one company has at most. */
  ofCompany: number;
  /** How many of them one person has at most. */
  ofPerson: number;
}

interface Waiting {
  owner: Owner;
  begin(): void;
}

/** Nobody waits any more for work that had no place yet: as if the server had cancelled its statement. */
export class LeftBeforeTurnError extends Error {
  override readonly name = "LeftBeforeTurnError";
  readonly code = "57014";
}

/**
 * Places for work on a database, shared fairly. A place that becomes free goes to the company that has the fewest, in it to
 * the person who has the fewest, and among theirs to what came first: whoever asks for a hundred things at once waits for
 * themselves alone.
 */
export class FairPlaces {
  private readonly taken = new Map<string, number>();
  private waiting: Waiting[] = [];
  private total = 0;

  constructor(private readonly limits: Limits) {}

  /**
   * Does the work as soon as there is a place for it, and gives the place back when it ends. Work that has a place must not
   * take another: all could hold one and wait for one.
   * @throws LeftBeforeTurnError if the signal is aborted before there is a place, and what the work throws
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

  /** The place is counted as taken from the moment it is given, before its owner goes on. */
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

  /** Nothing that may begin is left waiting. */
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
 * The limits of a pool of so many connections. One stays free for statements outside transactions, such as those that look
 * up a session; a company leaves others a place, and one person leaves most to the rest.
 */
export function limitsOf(connections: number): Limits {
  const total = Math.max(1, connections < 3 ? connections : connections - 1);
  return {
    total,
    ofCompany: total < 3 ? total : Math.max(2, Math.ceil((total * 2) / 3)),
    ofPerson: Math.max(1, Math.min(2, total - 1)),
  };
}
